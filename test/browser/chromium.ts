import { existsSync } from 'node:fs';

/** The Chromium of this machine: CHROMIUM_PATH (`npm test` finds or installs one), or Debian's; undefined without any. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  return named || ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}
