import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from './report.mjs';
import { BootstrapError, runQuietly } from './run.mjs';

const MINIMUM_NODE = [20, 19];

/** Runs `npm ci` when node_modules is missing or differs from package-lock.json, and applies new patches. */
export async function ensureDependencies(root) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    throw new BootstrapError(
      `Quorate needs Node.js ${MINIMUM_NODE.join('.')} or newer, this is ${process.versions.node}`,
    );
  }
  if (!isInstalled(root)) await install(root);
  else if (patchesNoted(root) !== patchesHash(root)) {
    // Where an older version of a patch was applied, only fresh files take the new one.
    await timed('applying patches', () => runQuietly('npm', ['run', 'postinstall'], root)).catch(() =>
      install(root),
    );
  } else return;
  notePatches(root);
}

function install(root) {
  return timed('installing dependencies (npm ci)', () =>
    runQuietly('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], root),
  );
}

/** npm keeps what it installed in node_modules/.package-lock.json: compared package by package, whatever the time stamps say. */
function isInstalled(root) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const present = installed[path];
    if (!present) return optional === true;
    return present.version === version && present.integrity === integrity;
  });
}

const notedFile = (root) => join(root, 'node_modules', '.quorate-patches');

function patchesHash(root) {
  const folder = join(root, 'patches');
  const hash = createHash('sha256');
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

function patchesNoted(root) {
  return existsSync(notedFile(root)) ? readFileSync(notedFile(root), 'utf8') : undefined;
}

function notePatches(root) {
  writeFileSync(notedFile(root), patchesHash(root));
}
