/**
 * Projects by file name: *.unit.test.ts (no I/O), *.int.test.ts (real Kafka, Postgres) and *.browser.test.ts (a real Chromium
 * beside them), *.e2e.test.ts (the whole stack), *.chaos.test.ts (the whole stack under faults), *.containers.test.ts (Docker).
 */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/deploy', '<rootDir>/test'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  moduleNameMapper: { '^@quorate/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts' },
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|@noble|@scure|jose|file-type|load-esm)/)'],
};

export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['**/*.unit.test.ts'] },
    {
      ...shared,
      displayName: 'int',
      testMatch: ['**/*.int.test.ts', '**/*.browser.test.ts'],
      globalSetup: '<rootDir>/test/integration/global-setup.ts',
      globalTeardown: '<rootDir>/test/integration/global-teardown.ts',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['**/*.e2e.test.ts'],
      globalSetup: '<rootDir>/test/e2e/global-setup.ts',
      globalTeardown: '<rootDir>/test/e2e/global-teardown.ts',
    },
    { ...shared, displayName: 'chaos', testMatch: ['**/*.chaos.test.ts'] },
    {
      ...shared,
      displayName: 'containers',
      testMatch: ['**/*.containers.test.ts'],
      globalSetup: '<rootDir>/test/containers/global-setup.ts',
    },
  ],
};
