// npm run bench: installs and builds what is missing, then runs the benchmarks.
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('test/bench/main.js');
} catch (error) {
  failWith(error);
}
