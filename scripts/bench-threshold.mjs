// npm run bench:threshold: installs and builds what is missing, then measures the threshold library alone.
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('test/bench/threshold.main.js');
} catch (error) {
  failWith(error);
}
