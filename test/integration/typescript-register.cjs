/**
 * Lets a plain node process run the TypeScript of this project: `node --require .../typescript-register.cjs main.ts`.
 * For tests that need a service as a process of its own, without a build.
 */
const Module = require('node:module');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const root = path.resolve(__dirname, '../..');

Module._extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const library = /^@quorate\/([a-z-]+)$/.exec(request);
  if (library === null) return resolve.call(this, request, ...rest);
  const index = path.join(root, 'libs', library[1], 'src/index.ts');
  return existsSync(index) ? index : resolve.call(this, request, ...rest);
};
