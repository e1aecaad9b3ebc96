/** How fast the auditor takes in a topic that is full, each batch with its signed checkpoint. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client } from 'pg';
import { cpuBetween, cpuSeconds } from '../pipeline/process-cost';
import { type DatabaseWork, databaseWork, workPer } from '../submitter/database-work';
import { type AuditStack } from './audit-stack';

export interface IntakeResult {
  readonly events: number;
  /** From the first commit to the last. */
  readonly perSecond: number;
  /** The lowest rate of any ten seconds. */
  readonly slowestPerSecond: number;
  readonly checkpoints: number;
  /** CPU microseconds per event, by process. */
  readonly cpu: ReadonlyMap<string, number>;
  readonly database: DatabaseWork;
  /** Of the auditor's database in bytes, tables and indexes. */
  readonly databaseBytes: number;
}

const LOOK_MS = 250;
const WINDOW_MS = 10_000;

interface Look {
  readonly at: number;
  readonly size: number;
}

/** Starts the auditor, and measures until all events are in its log. */
export async function measureIntake(
  stack: AuditStack,
  database: Client,
  events: number,
): Promise<IntakeResult> {
  const cpuBefore = cpuSeconds({ processes: stack.processes() });
  const starting = stack.auditor.start();
  const looks: Look[] = [];
  let work: DatabaseWork | undefined;
  for (let size = 0; size < events;) {
    await pause(LOOK_MS);
    size = await sizeOf(database);
    if (size === 0) continue;
    looks.push({ at: performance.now(), size });
    work ??= await databaseWork(database);
  }
  await starting;
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || work === undefined || first === last)
    throw new Error('too few events to measure a rate: give more --events');
  const cpu = cpuBetween(cpuBefore, cpuSeconds({ processes: stack.processes() }));
  const [row] = (
    await database.query<{ checkpoints: string; bytes: string }>(
      `SELECT (SELECT count(*) FROM checkpoint) AS checkpoints,
         pg_database_size(current_database()) AS bytes`,
    )
  ).rows;
  return {
    events,
    perSecond: rate(first, last),
    slowestPerSecond: slowest(looks) ?? rate(first, last),
    checkpoints: Number(row?.checkpoints),
    cpu: new Map([...cpu].map(([name, seconds]) => [name, (1e6 * seconds) / events])),
    database: workPer(work, await databaseWork(database), last.size - first.size),
    databaseBytes: Number(row?.bytes),
  };
}

/** Entries under the newest checkpoint; 0 before the first start has made the table. */
export async function sizeOf(database: Client): Promise<number> {
  const { rows: tables } = await database.query(`SELECT WHERE to_regclass('cosignature') IS NOT NULL`);
  if (tables.length === 0) return 0;
  const { rows } = await database.query<{ size: string }>(
    'SELECT coalesce(max(size), 0) AS size FROM checkpoint WHERE log = 0',
  );
  return Number(rows[0]?.size);
}

function rate(from: Look, to: Look): number {
  return (1000 * (to.size - from.size)) / (to.at - from.at);
}

function slowest(looks: readonly Look[]): number | undefined {
  const rates = looks.flatMap((from) => {
    const to = looks.find(({ at }) => at >= from.at + WINDOW_MS);
    return to === undefined ? [] : [rate(from, to)];
  });
  return rates.length === 0 ? undefined : Math.min(...rates);
}
