import { Metrics } from '@quorate/platform';
import { DeadLetters, type DeadLetterSink } from './dead-letters';
import { type RawRecord } from './record-types';

const MINUTE_MS = 60_000;

let now: number;
let letters: DeadLetters;
let metrics: Metrics;
let published: unknown[];
let events: { streamId: string; data: Parameters<DeadLetterSink['appendNext']>[1][number]['data'] }[];
let sink: DeadLetterSink;

beforeEach(() => {
  now = 5 * MINUTE_MS;
  metrics = new Metrics('coordinator-1');
  letters = new DeadLetters('p.dead-letters', 'coordinator-1', () => now, metrics);
  published = [];
  events = [];
  sink = {
    publish: (record) => published.push(record.topic),
    appendNext: (streamId, added) => events.push(...added.map(({ data }) => ({ streamId, data }))),
    afterCommit: (effect) => effect(),
  };
});

function record(offset: number): RawRecord {
  return {
    ...{ topic: 'mpc.requests', partition: 2, offset: BigInt(offset) },
    ...{ key: null, value: Buffer.from('x'), headers: {} },
  };
}

function add(count: number, code = 'not-json'): void {
  for (let n = 0; n < count; n += 1) letters.add(sink, record(n), { code, reason: `it is ${code}` });
}

it('sends every record to the topic, with an event that names it', () => {
  add(2);
  expect(published).toEqual(['p.dead-letters', 'p.dead-letters']);
  const common = { topic: 'mpc.requests', partition: 2, code: 'not-json', reason: 'it is not-json' };
  const streamId = 'dead-letters:coordinator-1:2';
  expect(events).toEqual([
    { streamId, data: { ...common, offset: '0' } },
    { streamId, data: { ...common, offset: '1' } },
  ]);
});

it('writes ten events a minute and reason, and then one that counts the rest', () => {
  add(25);
  add(3, 'too-large');
  expect(published).toHaveLength(28);
  expect(events).toHaveLength(13);
  expect(letters.hasSummaries()).toBe(false);
  now += MINUTE_MS;
  expect(letters.hasSummaries()).toBe(true);
  letters.flush(sink);
  expect(events.slice(13).map(({ data }) => data)).toEqual([
    expect.objectContaining({ code: 'not-json', offset: '24', count: 15 }),
  ]);
  expect(letters.hasSummaries()).toBe(false);
  letters.flush(sink);
  expect(events).toHaveLength(14);
});

it('summarises a minute when the next one begins with the same reason', () => {
  add(11);
  now += MINUTE_MS;
  add(1);
  expect(events.slice(10).map(({ data }) => data.count)).toEqual([1, undefined]);
  now += MINUTE_MS;
  letters.flush(sink);
  expect(events).toHaveLength(12);
});

it('counts them by code', async () => {
  add(12);
  add(1, 'too-large');
  const page = await metrics.registry.metrics();
  expect(page).toContain('quorate_dead_letters_total{code="not-json",service="coordinator-1"} 12');
  expect(page).toContain('quorate_dead_letters_total{code="too-large",service="coordinator-1"} 1');
});
