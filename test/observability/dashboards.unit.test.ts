import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { projectRoot, unknownIn } from './metric-table';

const folder = join(projectRoot, 'deploy/grafana');
const dashboard = z.looseObject({
  uid: z.string().regex(/^quorate-[a-z-]+$/),
  title: z.string(),
  panels: z
    .array(
      z.looseObject({
        title: z.string(),
        targets: z
          .array(z.looseObject({ refId: z.string(), expr: z.string(), legendFormat: z.string().optional() }))
          .min(1),
      }),
    )
    .min(1),
});
const files = readdirSync(folder).map((name) => {
  const content: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return [name, dashboard.parse(content)] as const;
});

it('has a dashboard for each part of the work', () => {
  const wanted = ['auditor', 'nodes', 'overview', 'signing-pipeline', 'submitter'];
  expect(files.map(([name]) => name).sort()).toEqual(wanted.map((name) => `${name}.json`));
});

it.each(files)('%s asks for metrics and labels that there are', (_, { panels }) => {
  const targets = panels.flatMap((panel) => panel.targets);
  expect(targets.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
  for (const { expr, legendFormat = '' } of targets) {
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    expect(unknownIn(`sum by (${shown.join(', ')}) (${expr})`)).toEqual([]);
  }
});
