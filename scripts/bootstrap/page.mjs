import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const SOURCES = 'apps/auditor/page';
const ENTRIES = ['main.tsx', 'style/page.css', 'icon.svg'];

/** Bundles the auditor's page into dist/: files that carry a hash of their content in their names, and index.html. */
export async function bundlePage(root) {
  // Not there yet when this module is loaded: what installs the dependencies builds the page afterwards.
  const { build } = await import('esbuild');
  const folder = join(root, 'dist', SOURCES);
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((entry) => `${SOURCES}/${entry}`),
    outdir: `dist/${SOURCES}/assets`,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'copy' },
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    target: 'es2022',
    metafile: true,
    logLevel: 'silent',
  });
  const built = Object.entries(metafile.outputs).map(([file, { entryPoint, inputs }]) => [
    basename(entryPoint ?? Object.keys(inputs)[0]).replace(/\.tsx$/, '.js'),
    basename(file),
  ]);
  let html = readFileSync(join(root, SOURCES, 'index.html'), 'utf8');
  for (const [name, file] of built) html = html.replaceAll(`{{${name}}}`, `/assets/${file}`);
  const missing = /\{\{.*?\}\}/.exec(html);
  if (missing) throw new Error(`index.html names ${missing[0]}, which is not built`);
  writeFileSync(join(folder, 'index.html'), html);
  const current = new Set(built.map(([, file]) => file));
  for (const file of readdirSync(join(folder, 'assets')))
    if (!current.has(file)) rmSync(join(folder, 'assets', file));
}
