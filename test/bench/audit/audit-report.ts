/** The auditor's figures as text. */
import { type AuditResult } from './audit.bench';
import { type ExportResult } from './export-memory';
import { type IntakeResult } from './intake-rate';
import { type ProofResult } from './proof-times';
import { PAGE, type QueryResult } from './query-times';
import { type Times } from './times';

/** The section of docs/benchmarks.md. */
export function auditReport({ load, intake, proofs, queries, exports }: AuditResult): string {
  const { records, bytes } = load;
  return [
    '## Audit',
    '',
    `${records} signed events of requests, payments and refusals, ${(bytes / records).toFixed(0)} bytes of content each, in one topic`,
    'of one partition, which is full before the auditor starts. Each proof that was timed was checked as well.',
    '',
    ...intakeLines(intake),
    ...proofLines(proofs),
    '',
    ...queryTable(queries),
    '',
    ...exports.map(exportLine),
    '',
  ].join('\n');
}

function intakeLines(result: IntakeResult): string[] {
  const { perSecond, slowestPerSecond, checkpoints, events, cpu, database, databaseBytes } = result;
  const costs = [...cpu].map(([name, microseconds]) => `${name} ${microseconds.toFixed(0)}`);
  const all = [...cpu.values()].reduce((sum, value) => sum + value, 0);
  return [
    `- appended: ${perSecond.toFixed(0)} events a second, ${slowestPerSecond.toFixed(0)} in the slowest ten seconds; ` +
      `a commit and a signed checkpoint for each ${(events / checkpoints).toFixed(0)} events`,
    `- CPU us per event: ${costs.join(', ')}, all ${all.toFixed(0)}`,
    `- per event ${database.rowsWritten.toFixed(2)} rows and ${(database.walKibibytes * 1024).toFixed(0)} bytes of WAL; ` +
      `database ${(databaseBytes / events).toFixed(0)} bytes per event`,
  ];
}

function proofLines(result: ProofResult): string[] {
  const { inStore, overHttp, byEventId, consistency, hashes, proofBytes, bundleBytes, leafBytes } = result;
  return [
    `- inclusion proof: ${spread(overHttp)} over HTTP, ${spread(byEventId)} by event id, ${spread(inStore)} in the store`,
    `- consistency proof: ${spread(consistency)} over HTTP`,
    `- an inclusion proof has at most ${hashes} hashes, ${proofBytes} bytes; a bundle with the leaf (${leafBytes} bytes) ` +
      `and the checkpoint ${bundleBytes} bytes`,
  ];
}

function queryTable(queries: readonly QueryResult[]): string[] {
  return [
    `| page of ${PAGE} over HTTP | entries of the last | p50 ms | p99 ms | longest ms |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...queries.map(
      ({ name, entries, times: { p50, p99, longest } }) =>
        `| ${name} | ${entries} | ${[p50, p99, longest].map((value) => value.toFixed(1)).join(' | ')} |`,
    ),
  ];
}

function exportLine(result: ExportResult): string {
  const { format, entries, seconds, mebibytes, residentBefore, residentMost } = result;
  return (
    `- export as ${format}: ${entries} entries, ${mebibytes.toFixed(0)} MiB in ${seconds.toFixed(0)} s; resident memory of ` +
    `the auditor ${residentBefore.toFixed(0)} MiB before, at most ${residentMost.toFixed(0)} MiB`
  );
}

function spread({ p50, p99 }: Times): string {
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`;
}
