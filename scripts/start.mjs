// npm start: installs and builds what is missing, then runs the embedded stack in this process.
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('deploy/embedded/main.js');
} catch (error) {
  failWith(error);
}
