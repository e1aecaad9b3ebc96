import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { projectRoot, unknownIn } from './metric-table';

const folder = join(projectRoot, 'deploy/prometheus');
const rule = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']), page: z.string().optional() }),
  annotations: z.strictObject({
    summary: z.string(),
    runbook: z.string().regex(/^docs\/[a-z-]+\.md#[a-z]+$/),
  }),
});
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })).min(1),
});
const names = readdirSync(folder).filter((name) => name.endsWith('-alerts.yml'));
const files = names.map((name) => {
  const { groups } = file.parse(parse(readFileSync(join(folder, name), 'utf8')));
  return { name, rules: groups.flatMap((group) => group.rules) };
});
const rules = files.flatMap((one) => one.rules);

/** The headings of runbooks: a section of a page that is called as an alert begins with its word, like `### SubmitterNonceGap`. */
function runbooks(page: string): string[] {
  const text = readFileSync(join(projectRoot, page), 'utf8');
  return [...text.matchAll(/^### ([A-Z][a-z]+[A-Z]\w+)$/gm)].flatMap(([, name]) => name ?? []);
}

describe('the alerts', () => {
  it('are of each service', () => {
    const prefixes = ['Service', 'Coordinator', 'Node', 'Submitter'];
    for (const prefix of prefixes) expect(rules.some(({ alert }) => alert.startsWith(prefix))).toBe(true);
  });

  it('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(rules.map((one) => [one.alert, one] as const))(
    '%s asks for metrics and labels that there are',
    (_, { expr }) => expect(unknownIn(expr)).toEqual([]),
  );

  it.each(files.map((one) => [one.name, one] as const))(
    'of %s have a runbook each, in their order, and there is none for another',
    (_, one) => {
      const [page] = one.rules.map(({ annotations }) => annotations.runbook.split('#')[0]);
      expect(page).toBeDefined();
      const alerts = one.rules.map(({ alert }) => alert);
      const ofPage = rules.filter(({ annotations }) => annotations.runbook.startsWith(`${page}#`));
      const written = runbooks(page ?? '');
      expect(written.filter((name) => alerts.includes(name))).toEqual(alerts);
      expect(written.filter((name) => !ofPage.some(({ alert }) => alert === name))).toEqual([]);
      for (const { alert, annotations } of one.rules)
        expect(annotations.runbook).toBe(`${page}#${alert.toLowerCase()}`);
    },
  );
});
