import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createLogger, Metrics } from '@quorate/platform';
import { parse } from 'yaml';
import { z } from 'zod';

import { EndpointMetrics } from '../endpoints/endpoint-metrics';
import { ForeignAlarm } from '../foreign/foreign-alarm';
import { UnknownNonces } from '../foreign/unknown-nonces';
import { ChainMetrics } from './chain-metrics';
import { IntentMetrics } from './intent-metrics';
import { LaneMetrics } from './lane-metrics';

const root = join(__dirname, '../../../..');
const page = readFileSync(join(root, 'docs/submitter.md'), 'utf8');
const rule = z.strictObject({
  alert: z.string().regex(/^Submitter[A-Za-z]+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']), page: z.string().optional() }),
  annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
});
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })).min(1),
});
const { groups } = file.parse(
  parse(readFileSync(join(root, 'deploy/prometheus/submitter-alerts.yml'), 'utf8')),
);
const rules = groups.flatMap((group) => group.rules);

/** The names of all metrics of the submitter, as Prometheus sees them. */
function names(): Set<string> {
  const metrics = new Metrics('submitter');
  const logger = createLogger('test', 'silent');
  const nobody = (): never => {
    throw new Error('nothing is read here');
  };
  const store = { transaction: nobody };
  const parts = { metrics, store, logger, chainId: '1', now: () => 0 };
  new EndpointMetrics(metrics, () => []);
  new IntentMetrics(metrics, () => 0);
  new ChainMetrics(metrics, () => undefined);
  new LaneMetrics({ ...parts, balance: nobody, headNumber: () => undefined });
  const alarm = new ForeignAlarm(metrics, logger, undefined);
  new UnknownNonces({ ...parts, chain: { nonceUsed: nobody }, alarm, onFatal: nobody });
  const all = metrics.registry.getMetricsAsArray().map(({ name }) => name);
  return new Set(all.flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]));
}

describe('the alerts of the submitter', () => {
  it.each(rules.map((one) => [one.alert, one] as const))('%s names metrics that there are', (_, { expr }) => {
    const named = [...expr.matchAll(/quorate_[a-z_]+/g)].map(([name]) => name);
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !names().has(name))).toEqual([]);
  });

  it('have a runbook each, and there is none for another', () => {
    const headings = [...page.matchAll(/^### (Submitter\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`docs/submitter.md#${alert.toLowerCase()}`);
  });
});
