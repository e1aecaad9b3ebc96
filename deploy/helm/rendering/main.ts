/** Renders the chart anew: node --require ./test/integration/typescript-register.cjs deploy/helm/rendering/main.ts. Needs Helm 3. */
import { writeFileSync } from 'node:fs';
import { EXAMPLES, renderedFile, renderExample } from './rendered-chart';

for (const example of EXAMPLES) writeFileSync(renderedFile(example), renderExample(example));
