#!/usr/bin/env node
// npx quorate: installs and builds what is missing, then runs the command line in this process.
import { prepareProject, runBuilt } from '../scripts/bootstrap/project.mjs';
import { failWith } from '../scripts/bootstrap/run.mjs';

try {
  await prepareProject();
} catch (error) {
  failWith(error);
}
await runBuilt('apps/cli/src/main.js');
