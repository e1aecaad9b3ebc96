/** The table of metrics in docs/observability.md, as the tests of what uses metrics read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** The names of series that a query may use: what the table has, and of each histogram its parts. */
export function seriesNames(): Set<string> {
  return new Set(
    documentedMetrics().flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

/** What a PromQL expression names of this project. */
export function namesIn(expression: string): string[] {
  return [...expression.matchAll(/\bquorate_\w+/g)].map(([name]) => name);
}
