/** How long the questions take that are asked of a long log, one after the other. */
import { encodeCursor } from '../../../apps/auditor/src/query/cursor';
import { type Order } from '../../../apps/auditor/src/ports/audit-log.port';
import { hash, KEY_ID, SENDER } from '../../../apps/auditor/src/testing/told-stories';
import { type AuditStack } from './audit-stack';
import { type WrittenLoad } from './event-load';
import { type Times, timesOf } from './times';

/** Entries of a page. */
export const PAGE = 100;
const RUNS = 200;

export interface QueryResult {
  readonly name: string;
  /** Entries of the last answer. */
  readonly entries: number;
  readonly times: Times;
}

/** What is asked; `of` gives the parameters of one call. */
interface Question {
  readonly name: string;
  readonly of: () => Record<string, string>;
}

/** Pages by each filter, at random places of the log. */
export async function measureQueries({ url }: AuditStack, load: WrittenLoad): Promise<QueryResult[]> {
  const results: QueryResult[] = [];
  for (const { name, of } of questions(load)) {
    const milliseconds: number[] = [];
    let entries = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const query = new URLSearchParams({ limit: String(PAGE), ...of() }).toString();
      const began = performance.now();
      const response = await fetch(`${url}/v1/events?${query}`);
      const body = (await response.json()) as { events?: unknown[]; detail?: string };
      milliseconds.push(performance.now() - began);
      if (body.events === undefined) throw new Error(`${query}: ${body.detail}`);
      entries = body.events.length;
    }
    results.push({ name, entries, times: timesOf(milliseconds) });
  }
  return results;
}

function questions(load: WrittenLoad): Question[] {
  const { records, requestIds, intentIds } = load;
  const somewhere = (order: Order): { order: Order; cursor: string } => ({
    order,
    cursor: encodeCursor(order, { log: 0, index: BigInt(below(records)) }),
  });
  const story = (): number => below(requestIds.length + intentIds.length);
  const time = (from: number, to: number): string =>
    new Date(load.from.getTime() + (from + Math.random() * (to - from)) * duration).toISOString();
  const duration = load.to.getTime() - load.from.getTime();
  const ask = (name: string, of: Question['of']): Question => ({ name, of });
  const type = 'quorate.sign.completed.v1';
  const rare = 'quorate.policy.refused.v1';
  const deepTypes = [type, rare, 'quorate.tx.finalized.v1'];
  return [
    ask('first page', () => ({ order: 'asc' })),
    ask('newest', () => ({ order: 'desc' })),
    ask('from a cursor, oldest first', () => somewhere('asc')),
    ask('from a cursor, newest first', () => somewhere('desc')),
    ask('requestId', () => ({ requestId: pick(requestIds) })),
    ask('intentId', () => ({ intentId: pick(intentIds) })),
    ask('type, from a cursor', () => ({ type: pick(deepTypes), ...somewhere('asc') })),
    ask('type, newest', () => ({ type: pick(deepTypes), order: 'desc' })),
    ask('actor, from a cursor', () => ({ actor: '/node/node-1', ...somewhere('asc') })),
    ask('actor, newest', () => ({ actor: '/submitter/submitter', order: 'desc' })),
    ask('keyId, from a cursor', () => ({ keyId: KEY_ID, ...somewhere('asc') })),
    ask('type and actor, from a cursor', () => ({ type: rare, actor: '/node/node-3', ...somewhere('desc') })),
    ask('type, actor and keyId, oldest', () => ({ type: rare, actor: '/node/node-1', keyId: KEY_ID })),
    ask('type and an actor who never did it', () => ({ type: rare, actor: '/coordinator/coordinator-1' })),
    ask('frequent type and actor, never together', () => ({ type, actor: '/node/node-1' })),
    ask('from, oldest first', () => ({ from: time(0, 1) })),
    ask('from, newest first', () => ({ from: time(0, 1), order: 'desc' })),
    ask('to, oldest first', () => ({ to: time(0, 1) })),
    ask('to, newest first', () => ({ to: time(0, 1), order: 'desc' })),
    ask('from and to, one part in 1000', () => {
      const begin = time(0, 0.999);
      const to = new Date(Date.parse(begin) + duration / 1000).toISOString();
      return { from: begin, to, order: Math.random() < 0.5 ? 'asc' : 'desc' };
    }),
    ask('from and to before the log', () => ({
      from: '2001-01-01T00:00:00Z',
      to: '2002-01-01T00:00:00Z',
    })),
    ask('type, from a time', () => ({ type: pick(deepTypes), from: time(0.2, 1) })),
    ask('type, to a time, newest first', () => ({ type: pick(deepTypes), to: time(0, 1), order: 'desc' })),
    ask('hash of a transaction', () => ({ hash: hash((story() + 1) * 100 + 30) })),
    ask('hash that nothing names', () => ({ hash: hash(7) })),
    ask('address that all payments name, oldest', () => ({ hash: SENDER })),
    ask('address that all payments name, from a cursor', () => ({ hash: SENDER, ...somewhere('desc') })),
    ask('address and type, newest', () => ({ hash: SENDER, type: rare, order: 'desc' })),
  ];
}

function pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
  const chosen = choices[below(choices.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from: give more --events');
  return chosen;
}

function below(end: number): number {
  return Math.floor(Math.random() * end);
}
