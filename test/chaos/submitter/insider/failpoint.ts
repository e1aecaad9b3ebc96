/**
 * Loaded into a submitter before its own code (`node --require`), in this suite alone: kills it, with SIGKILL, at a named
 * point of its work. Points are the two sides of a commit that holds a certain event, of the broker's word for
 * a certain record, and of a send to an endpoint: `at` says which side, `match` which event type or topic.
 */
import { existsSync, readFileSync } from 'node:fs';
import { JsonRpcEndpoint } from '../../../../libs/evm/src/json-rpc-endpoint';
import { Dispatcher } from '../../../../libs/event-store/src/outbox/dispatcher';
import { Transactions } from '../../../../libs/event-store/src/transaction/transactions';

interface Failpoint {
  at: string;
  match: string;
  nth: number;
}

/** How long what the file says may be used before it is read again. */
const STALE_MS = 10;
const file = process.env['CHAOS_FAILPOINT_FILE'] ?? '';
let known: { text: string; point: Failpoint | undefined; passed: number } = {
  text: '',
  point: undefined,
  passed: 0,
};
let readAt = -Infinity;

function armed(): typeof known {
  const now = performance.now();
  if (now - readAt < STALE_MS) return known;
  readAt = now;
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== known.text)
      known = { text, point: text === '' ? undefined : (JSON.parse(text) as Failpoint), passed: 0 };
  } catch {
    // It is being replaced.
  }
  return known;
}

/** Comes by a point at which these things happen; does not come back when it was the one. */
function pass(at: string, things: readonly string[]): void {
  const current = armed();
  if (current.point?.at !== at || !things.includes(current.point.match)) return;
  current.passed += 1;
  if (current.passed >= current.point.nth) process.kill(process.pid, 'SIGKILL');
}

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Puts something before and after a method of all objects of a class. */
function around(
  prototype: object,
  name: string,
  before: (self: unknown, args: readonly unknown[]) => readonly string[],
  points: readonly [string, string],
): void {
  const original = Reflect.get(prototype, name) as Method | undefined;
  if (original === undefined) throw new Error(`there is no method ${name} to be killed in`);
  Reflect.set(prototype, name, async function wrapped(this: unknown, ...args: unknown[]): Promise<unknown> {
    const things = before(this, args);
    pass(points[0], things);
    const result = await original.apply(this, args);
    pass(points[1], things);
    return result;
  });
}

interface PlacedRecord {
  record: { topic: string; headers: Readonly<Record<string, string>> };
}

/** Event types and topics of what a transaction writes. */
function thingsOf(records: readonly PlacedRecord['record'][]): string[] {
  return [...new Set(records.flatMap(({ topic, headers }) => [topicName(topic), headers['ce_type'] ?? '']))];
}

/** Without the prefix of the bench. */
function topicName(topic: string): string {
  return topic.slice((process.env['TOPIC_PREFIX'] ?? '').length);
}

around(
  Transactions.prototype,
  'commit',
  (_, [, prepared]) =>
    thingsOf((prepared as { records: PlacedRecord[] }).records.map(({ record }) => record)),
  ['before-commit', 'after-commit'],
);
around(
  Dispatcher.prototype,
  'publishNext',
  (self) =>
    thingsOf(
      (self as { queue: { records: PlacedRecord['record'][] }[] }).queue.flatMap((row) => row.records),
    ),
  ['before-publish', 'after-publish'],
);
around(JsonRpcEndpoint.prototype, 'send', () => ['send'], ['before-send', 'after-send']);
