// npm run build: compiles everything into dist/.
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureDependencies } from './bootstrap/dependencies.mjs';
import { root } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await ensureDependencies(root);
  await ensureBuilt(root);
} catch (error) {
  failWith(error);
}
