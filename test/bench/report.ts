import { cpus, totalmem } from 'node:os';
import { type PipelineResult, type Rate } from './pipeline/pipeline.bench';
import { type BenchRow } from './cpu-time';

/** docs/benchmarks.md: what was measured, with machine, versions and parameters. */
export function benchmarkReport(
  threshold: readonly BenchRow[],
  pipeline: PipelineResult,
  takenAt: Date,
  baseMultiplication: number,
): string {
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${takenAt.toISOString().slice(0, 10)}. Nothing here is a promise: run it on your machine.`,
    '',
    `- machine: ${machineLine(baseMultiplication)}`,
    `- Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${process.platform}-${process.arch}`,
    '- everything on this one machine: Kafka (one broker), Postgres (fsync on), the chain, three nodes, coordinator,',
    '  submitter, auditor, and the client that measures',
    '',
    '## Cryptography',
    '',
    'CPU milliseconds per party, medians, one thread; per presignature where there is a batch. Suite 1.',
    '',
    thresholdTable(threshold),
    '',
    '## Pipeline',
    '',
    pipelineTable(pipeline),
    '',
    ...restLines(pipeline),
    '',
    costTable(pipeline),
    '',
    'Where the time of one request goes (one at a time, means, from the times in the audit log):',
    '',
    table(
      ['stage', 'ms', 'share'],
      pipeline.stages.map(({ stage, milliseconds, share }) => [
        stage,
        ms(milliseconds),
        `${Math.round(share * 100)} %`,
      ]),
    ),
    '',
  ].join('\n');
}

/** The machine, and how fast it is at this hour (microseconds). */
export function machineLine(baseMultiplication: number): string {
  return `${machine()}; libsecp256k1 multiplies the base point in ${baseMultiplication.toFixed(0)} us`;
}

function thresholdTable(rows: readonly BenchRow[]): string {
  const schemes = [...new Set(rows.map(({ scheme }) => scheme))];
  const names = [...new Set(rows.map(nameOf))];
  return table(
    ['operation', ...schemes],
    names.map((name) => [
      name,
      ...schemes.map((scheme) => {
        const row = rows.find((candidate) => candidate.scheme === scheme && nameOf(candidate) === name);
        return row === undefined ? '' : ms(row.milliseconds);
      }),
    ]),
  );
}

function nameOf({ operation, batch }: BenchRow): string {
  return batch === undefined ? operation : `${operation}, batch ${batch}`;
}

function pipelineTable(result: PipelineResult): string {
  const { latency, laterLatency, burst, sustained, refresh, deadNode, parameters, filling } = result;
  const { oneAtATime, burstRequests, burstInFlight, sustainedSeconds, sustainedInFlight, stockTarget } =
    parameters;
  const rates: [string, Rate][] = [
    [`${burstRequests} requests from stock, ${burstInFlight} in flight`, burst],
    [
      `${sustainedSeconds} s with presigning (${sustained.madePerSecond.toFixed(0)} presignatures/s), ${sustainedInFlight} in flight`,
      sustained,
    ],
    ...deadNode.map(({ signal, rate }): [string, Rate] => [
      `after ${signal} of one node, ${sustainedInFlight} in flight`,
      rate,
    ]),
  ];
  const row = (
    name: string,
    { p50, p95, p99 }: Rate | PipelineResult['latency'],
    perSecond = '',
  ): string[] => [name, ms(p50), ms(p95), ms(p99), perSecond];
  return table(
    ['2-of-3, eip191, five levels of derivation', 'p50 ms', 'p95 ms', 'p99 ms', 'per second'],
    [
      row(`${oneAtATime} requests one at a time, soon after the start`, latency),
      row(`the next ${oneAtATime}`, laterLatency),
      row(`one at a time during a refresh (${refresh.seconds.toFixed(1)} s)`, refresh),
      ...rates.map(([name, rate]) => row(name, rate, rate.perSecond.toFixed(0))),
      [
        `filling the stock (${stockTarget} per committee, three committees)`,
        '',
        '',
        '',
        (filling.presignatures / filling.seconds).toFixed(0),
      ],
    ],
  );
}

function costTable({ burst, sustained }: PipelineResult): string {
  const kinds = [...burst.cpu.keys()];
  const total = ({ cpu }: Rate) => [...cpu.values()].reduce((sum, value) => sum + value, 0);
  const row = (name: string, rate: Rate) => [
    name,
    ...kinds.map((kind) => ms(rate.cpu.get(kind) ?? 0)),
    ms(total(rate)),
  ];
  return table(
    ['CPU ms per signature', ...kinds, 'all'],
    [row('burst from stock', burst), row('with presigning', sustained)],
  );
}

function restLines({ idle, deadNode }: PipelineResult): string[] {
  const memory = [...idle.mebibytes].map(([name, value]) => `${name} ${value.toFixed(0)}`).join(', ');
  return [
    `- at rest with a full stock, coordinator, nodes, submitter and auditor together use ${(100 * idle.coreShare).toFixed(1)} % of one core`,
    `- resident memory in MiB: ${memory}`,
    ...deadNode.map(
      ({ signal, firstMs }) => `- first signature after ${signal} of a node: ${firstMs.toFixed(0)} ms`,
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
