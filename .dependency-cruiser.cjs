/** The arrows of the architecture: apps -> libs, never the other way, never from app to app. */
const PURE_LIBS = '^libs/(threshold|transparency-log)/';
const PROJECT = '^(apps|libs|deploy|scripts|test)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two modules that need each other are one module.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-app-to-app',
      comment: 'Services talk through Kafka and gRPC, not through imports.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-import-libs-only',
      comment:
        'Dependencies point one way: apps -> libs. Integration tests use the databases that test/ prepares.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { path: '^(apps|deploy|scripts|test)/' },
    },
    {
      name: 'apps-import-libs-only',
      comment:
        'What starts the services knows them; they do not know what starts them. Their tests use its parts.',
      severity: 'error',
      from: { path: '^apps/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { path: '^(deploy|scripts|test)/' },
    },
    {
      name: 'libs-through-their-index',
      comment: 'A lib shows what it offers in src/index.ts; everything else is its own.',
      severity: 'error',
      from: { path: '^(?:apps|deploy|scripts|libs/([^/]+))/', pathNot: '\\.test\\.ts$' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$1/'] },
    },
    {
      name: 'pure-libs-import-nothing-of-the-project',
      comment: 'The cryptography and the Merkle log are pure: no I/O, no clock, no other lib.',
      severity: 'error',
      from: { path: PURE_LIBS },
      to: { path: PROJECT, pathNot: ['^libs/threshold/', '^libs/transparency-log/'] },
    },
    {
      name: 'pure-libs-do-no-io',
      comment: 'Randomness comes in as a parameter; hashing is the only thing taken from node:crypto.',
      severity: 'error',
      from: { path: PURE_LIBS, pathNot: ['\\.test\\.ts$', '/test(ing)?/', '/bench/'] },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|module|buffer)$' },
    },
    {
      name: 'page-runs-in-browsers',
      comment: 'The page checks what a server says: it shares nothing with one but the pure proofs.',
      severity: 'error',
      from: { path: '^apps/auditor/page/' },
      to: {
        path: [PROJECT, 'node_modules'],
        pathNot: [
          '^apps/auditor/page/',
          '^libs/transparency-log/src/index\\.ts$',
          'node_modules/(preact|@noble)/',
        ],
      },
    },
    {
      name: 'page-is-bundled-only',
      comment: 'What runs in browsers is no part of the service.',
      severity: 'error',
      from: { pathNot: '^apps/auditor/page/' },
      to: { path: '^apps/auditor/page/' },
    },
    {
      name: 'policy-is-pure',
      comment: 'A decision depends on the policy and the request alone: it can be explained anywhere.',
      severity: 'error',
      from: { path: '^libs/policy/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { path: PROJECT, pathNot: ['^libs/(policy|protocol|evm|platform)/'] },
    },
    {
      name: 'policy-does-no-io',
      comment: 'Files are read by whoever asks; hashing and keys are all that is taken from node:crypto.',
      severity: 'error',
      from: { path: '^libs/policy/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'kafkajs-behind-its-port',
      comment: 'kafkajs is unmaintained: only the messaging adapter and the broker probe know it.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/messaging/', '\\.test\\.ts$'] },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: PROJECT, pathNot: ['\\.test\\.ts$', '/test(ing)?/', '^test/', '\\.contract\\.ts$'] },
      to: { path: ['\\.test\\.ts$', '\\.contract\\.ts$', '/testing/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
