// npm run test:mutation: does a test notice when a check of the cryptography is removed? Mutates the files that check.
import jest from './jest.config.mjs';

const unit = jest.projects.find(({ displayName }) => displayName === 'unit');

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  packageManager: 'npm',
  mutate: [
    'libs/threshold/src/{keygen,reshare,rekey,session,sharing,presign,sign,frost,range-proof}/**/*.ts',
    'libs/threshold/src/multiplication/{base-ot,ot-extension,rvole}.ts',
    'libs/threshold/src/group/{point,scalar,ed25519-group}.ts',
    '!**/*.test.ts',
    '!**/*.d.ts',
  ],
  ignorePatterns: [
    'apps',
    'deploy',
    'dist',
    'docs',
    'coverage',
    '.quorate',
    'test',
    'scripts',
    'jest.config.mjs',
  ],
  testRunner: 'jest',
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
      rootDir: undefined,
      roots: ['<rootDir>/libs/threshold'],
      testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
    },
  },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 20_000,
  tempDirName: '.quorate/mutation',
  reporters: ['progress', 'clear-text', 'json', 'html'],
  jsonReporter: { fileName: '.quorate/mutation/report.json' },
  htmlReporter: { fileName: '.quorate/mutation/report.html' },
  clearTextReporter: { reportTests: false, skipFull: true },
};
