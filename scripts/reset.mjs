// npm run reset: forgets the embedded stack's data.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepareProject, root, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

const program = 'deploy/embedded/reset-main.js';
try {
  // What a build left behind will do: nobody waits for a compiler in order to delete a folder.
  if (!existsSync(join(root, 'dist', program))) await prepareProject();
  await runBuilt(program);
} catch (error) {
  failWith(error);
}
