// After npm ci: lets `npx quorate` find this project's own command, which npm links only for dependents.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap/project.mjs';

const folder = join(root, 'node_modules', '.bin');
const link = join(folder, 'quorate');
mkdirSync(folder, { recursive: true });
rmSync(link, { force: true });
symlinkSync(join('..', '..', 'bin', 'quorate.mjs'), link);
