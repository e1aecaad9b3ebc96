// Bundles the auditor's page alone, as `npm run build` does with everything else: node scripts/build-page.mjs
import { bundlePage } from './bootstrap/page.mjs';
import { root } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await bundlePage(root);
} catch (error) {
  failWith(error);
}
