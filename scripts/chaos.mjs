// npm run test:chaos: installs and builds what is missing, then runs the chaos suite.
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('test/chaos/main.js');
} catch (error) {
  failWith(error);
}
