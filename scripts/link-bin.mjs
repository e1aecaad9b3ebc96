// After npm ci: lets `npx quorate` find the project's own command among the installed ones. A "bin" entry in
// package.json would not do: npx then tries to install the project into its cache, and fails for want of a package.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap/project.mjs';

const folder = join(root, 'node_modules', '.bin');
const link = join(folder, 'quorate');
mkdirSync(folder, { recursive: true });
rmSync(link, { force: true });
symlinkSync(join('..', '..', 'bin', 'quorate.mjs'), link);
