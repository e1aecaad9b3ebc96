// Compiles libs/threshold/assembly into libs/threshold/src/multiplication/kernel/kernel-wasm.ts. With --check: compares only.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const target = join(root, 'libs', 'threshold', 'src', 'multiplication', 'kernel', 'kernel-wasm.ts');
/** The memory has a fixed size: it never moves, and its growth cannot depend on anything. 64 KiB each. */
const PAGES = '54';

const { error, stdout, stderr, binary } = await compile();
if (error !== null) {
  console.error(`${stdout}${stderr}`, error.message);
  process.exit(1);
}
const module = moduleText(Buffer.from(binary).toString('base64'));
if (!process.argv.includes('--check')) {
  writeFileSync(target, module);
  console.log(`${binary.length} bytes`);
} else if (readFileSync(target, 'utf8') !== module) {
  console.error(
    'kernel-wasm.ts is not what libs/threshold/assembly compiles to: run node scripts/build-kernel.mjs',
  );
  process.exit(1);
}

async function compile() {
  let binary;
  const result = await asc.main(
    [
      'index.ts',
      ...['--baseDir', join(root, 'libs', 'threshold', 'assembly'), '--outFile', 'kernel.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
      ...['--initialMemory', PAGES, '--maximumMemory', PAGES],
    ],
    {
      writeFile: (_name, contents) => {
        binary = contents;
      },
    },
  );
  return { ...result, binary };
}

function moduleText(base64) {
  const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`);
  return [
    '/** Compiled from libs/threshold/assembly by scripts/build-kernel.mjs. Do not edit. */',
    'export const KERNEL_WASM = [',
    ...lines,
    "].join('');",
    '',
  ].join('\n');
}
