import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { timed } from './report.mjs';
import { runQuietly } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The path of a Chromium for the tests of the auditor's page: CHROMIUM_PATH, one on the PATH, or Debian's, which is
 * installed when that is allowed. undefined when there is none: those tests say so.
 */
export async function ensureChromium(root) {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const found = onPath(NAMES);
  if (found || process.getuid?.() !== 0 || !onPath(['apt-get'])) return found;
  const apt = (...args) =>
    runQuietly('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', ...args], root);
  try {
    await timed('installing Chromium (apt-get)', async () => {
      await apt('update');
      await apt('install', '--no-install-recommends', 'chromium');
    });
  } catch (error) {
    console.error(`Chromium cannot be installed: ${error.message}`);
  }
  return onPath(NAMES);
}

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
