import { type BenchRow } from './cpu-time';

/** Where and with what the figures were taken. */
export interface BenchMachine {
  readonly processor: string;
  readonly node: string;
  readonly openssl: string;
  readonly platform: string;
  /** CPU microseconds of one multiplication of the base point by libsecp256k1: compares machines, and hours. */
  readonly baseMultiplicationMicroseconds: number;
  /** Processes that ran at the same time: load average of the last minute. */
  readonly load: number;
}

/** The table that `npm run bench:threshold` prints. */
export function thresholdReport(rows: readonly BenchRow[], machine: BenchMachine): string {
  const hasPrototype = rows.some(({ prototype }) => prototype !== undefined);
  const head = ['operation', 'suite', 'batch', 'committee', 'median ms', 'p95 ms', 'bytes sent'];
  const cells = rows.map((row) => [
    row.operation,
    String(row.suite),
    row.batch === undefined ? '' : String(row.batch),
    row.scheme,
    milliseconds(row.milliseconds),
    milliseconds(row.p95),
    row.bytesSent === undefined ? '' : row.bytesSent.toFixed(0),
    ...(hasPrototype ? [compared(row.prototype), ratio(row)] : []),
  ]);
  return [
    `${machine.processor}, ${machine.platform}, Node ${machine.node}, OpenSSL ${machine.openssl}, ` +
      `load ${machine.load.toFixed(1)}; libsecp256k1 multiplies the base point in ` +
      `${machine.baseMultiplicationMicroseconds.toFixed(0)} us`,
    'CPU time per party, and per presignature where there is a batch; a broadcast counts once',
    '',
    ...aligned([hasPrototype ? [...head, 'prototype', 'of it'] : head, ...cells]),
  ].join('\n');
}

function compared(value: number | undefined): string {
  return value === undefined ? '' : milliseconds(value);
}

function ratio({ milliseconds: own, prototype }: BenchRow): string {
  return prototype === undefined ? '' : `${Math.round((own / prototype) * 100)} %`;
}

function milliseconds(value: number): string {
  return value.toFixed(value >= 10 ? 1 : 3);
}

/** Lines with the first column flush left and the others flush right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => (row[k] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0))).join('  '),
  );
}
