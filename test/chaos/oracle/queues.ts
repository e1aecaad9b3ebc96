import { setTimeout as delay } from 'node:timers/promises';
import { type MessageLog } from '@quorate/messaging';
import { asQuorateError } from '@quorate/platform';
import { type Databases } from './databases';

const POLL_MS = 100;

/** What is asked of the databases and of the log. */
type AskedDatabases = Pick<Databases, 'names' | 'query'>;
type AskedLog = Pick<MessageLog, 'highWatermarks'>;

/** What is still on its way, in words; empty when nothing is. */
type Rest = () => Promise<string[]>;

/**
 * Resolves when every outbox has published what it held at the time of the call, and then every inbox has taken what lay
 * on its topics: nothing is stuck.
 * @throws Error naming what is left after `timeoutMs`
 */
export async function untilQueuesEmpty(
  databases: AskedDatabases,
  log: AskedLog,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  await untilNothing('outboxes do not drain', await outboxes(databases), deadline);
  await untilNothing('partitions are stuck', await inboxes(databases, log, deadline), deadline);
  await untilNothing('records that the last ones caused do not leave', await outboxes(databases), deadline);
}

async function outboxes(databases: AskedDatabases): Promise<Rest> {
  const last = new Map<string, string>();
  for (const name of databases.names) {
    const [row] = await databases.query<{ id: string }>(
      name,
      'SELECT coalesce(max(id), 0)::text AS id FROM outbox',
    );
    last.set(name, row?.id ?? '0');
  }
  return async () => {
    const rest: string[] = [];
    for (const [name, id] of last) {
      const text = 'SELECT count(*)::int AS count FROM outbox WHERE id <= $1';
      const [row] = await databases.query<{ count: number }>(name, text, [id]);
      if (row !== undefined && row.count > 0) rest.push(`${name}: ${row.count} rows`);
    }
    return rest;
  };
}

interface InboxRow {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: string;
}

async function inboxes(databases: AskedDatabases, log: AskedLog, deadline: number): Promise<Rest> {
  const ends = new Map<string, ReadonlyMap<number, bigint>>();
  const read = (name: string) =>
    databases.query<InboxRow>(name, 'SELECT consumer, topic, partition, next_offset::text FROM inbox');
  for (const name of databases.names) {
    for (const { topic } of await read(name)) {
      if (!ends.has(topic)) ends.set(topic, await endOf(topic, log, deadline));
    }
  }
  return async () => {
    const rest: string[] = [];
    for (const name of databases.names) {
      for (const { consumer, topic, partition, next_offset } of await read(name)) {
        const end = ends.get(topic)?.get(partition) ?? 0n;
        if (BigInt(next_offset) < end)
          rest.push(`${name} ${consumer} ${topic}/${partition}: ${next_offset} of ${end}`);
      }
    }
    return rest;
  };
}

/** Waits while the broker is away: that is a fault of the run, not a finding. */
async function endOf(topic: string, log: AskedLog, deadline: number): Promise<ReadonlyMap<number, bigint>> {
  for (;;) {
    try {
      return await log.highWatermarks(topic);
    } catch (error) {
      if (asQuorateError(error).kind !== 'unavailable' || performance.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

async function untilNothing(what: string, rest: Rest, deadline: number): Promise<void> {
  for (;;) {
    const left = await rest();
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`${what}: ${left.join('; ')}`);
    await delay(POLL_MS);
  }
}
