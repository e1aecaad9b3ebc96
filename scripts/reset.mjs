// npm run reset: forgets the embedded stack's data.
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('deploy/embedded/reset-main.js');
} catch (error) {
  failWith(error);
}
