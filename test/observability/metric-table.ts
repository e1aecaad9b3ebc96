/** The table of metrics in docs/observability.md, as the tests of what uses metrics read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readQuery } from './promql';

export const projectRoot = join(__dirname, '../..');

export type MetricType = 'counter' | 'gauge' | 'histogram';
const services = ['coordinator', 'node', 'submitter', 'auditor'] as const;
export type ServiceKind = (typeof services)[number];

export interface DocumentedMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** Which services have it. */
  readonly services: readonly ServiceKind[];
}

const row = /^\| `(quorate_\w+)`\s*\| (counter|gauge|histogram)\s*\| ([^|]*)\|/;

/** In the order of the page; a table's rows belong to the services that the heading above it names. */
export function documentedMetrics(): DocumentedMetric[] {
  const found: DocumentedMetric[] = [];
  let of: readonly ServiceKind[] = [];
  for (const line of readFileSync(join(projectRoot, 'docs/observability.md'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) of = [];
    const heading = /^### Metrics of (.*)$/.exec(line)?.[1];
    if (heading !== undefined)
      of = heading === 'every service' ? services : services.filter((kind) => heading.includes(kind));
    const [, name, type, labels] = row.exec(line) ?? [];
    if (name === undefined || !isType(type)) continue;
    found.push({ name, type, labels: labels?.match(/\w+/g) ?? [], services: of });
  }
  return found;
}

function isType(text: string | undefined): text is MetricType {
  return text === 'counter' || text === 'gauge' || text === 'histogram';
}

/** Labels that Prometheus adds to every series, and those of its own of a histogram. */
const GIVEN_LABELS = ['service', 'instance', 'job', 'le'];

/** The series that a query may use, with their labels: what the table has, and of each histogram its parts. */
function seriesLabels(): Map<string, readonly string[]> {
  return new Map(
    documentedMetrics().flatMap(({ name, type, labels }) => {
      const series = type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
      return series.map((one): [string, string[]] => [one, [...GIVEN_LABELS, ...labels]]);
    }),
  );
}

/**
 * What a PromQL expression asks for that the table does not have: a metric, or a label of it. Metrics of Node.js are left out.
 * @throws Error when it is no PromQL, or asks for no metric
 */
export function unknownIn(expression: string): string[] {
  const { selectors, grouping } = readQuery(expression);
  if (selectors.length === 0) throw new Error(`${expression} asks for no metric`);
  const labels = seriesLabels();
  const own = selectors.filter(({ metric }) => !/^(nodejs|process)_/.test(metric));
  const labelsOf = (metric: string) => labels.get(metric) ?? GIVEN_LABELS;
  const all = new Set(own.flatMap(({ metric }) => labelsOf(metric)));
  return [
    ...own.filter(({ metric }) => !labels.has(metric)).map(({ metric }) => metric),
    ...own.flatMap(({ metric, labels: picked }) =>
      picked.filter((label) => !labelsOf(metric).includes(label)).map((label) => `${metric}{${label}}`),
    ),
    ...(own.length < selectors.length ? [] : grouping.filter((label) => !all.has(label))),
  ];
}
