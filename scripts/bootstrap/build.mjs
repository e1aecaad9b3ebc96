import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage } from './page.mjs';
import { timed } from './report.mjs';
import { runQuietly } from './run.mjs';

const SOURCES = ['apps', 'libs', 'deploy', 'scripts', 'test/bench', 'test/chaos'];
const SETTINGS = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Builds into dist/ when a source differs from what was built last. */
export async function ensureBuilt(root) {
  const mark = join(root, 'dist', '.built-from');
  const sources = fingerprint(root);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === sources) return;
  await timed('building', () => build(root));
  writeFileSync(mark, sources);
}

/** One run of the TypeScript compiler for all apps and libs, and the bundle of the auditor's page. */
export async function build(root) {
  await runQuietly(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], root);
  await bundlePage(root);
}

/** Names, sizes and modification times of everything that goes into the build. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const path of SETTINGS) add(path);
  for (const folder of SOURCES.filter((folder) => existsSync(join(root, folder)))) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const paths = files
      .filter((file) => file.isFile() && !/\.test\.ts$/.test(file.name))
      .map((file) => join(file.parentPath, file.name).slice(root.length + 1));
    for (const path of paths.sort()) add(path);
  }
  return hash.digest('hex');
}
