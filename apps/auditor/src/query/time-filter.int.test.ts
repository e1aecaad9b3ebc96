import { randomBytes } from 'node:crypto';
import { kafkaMessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(120_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
/** Two whole blocks of times, and a part of one. */
const COUNT = 2_300;
const BEGIN = Date.parse('2026-12-01T12:00:00Z');
/** Clocks that were wrong, in whole blocks and behind them. */
const WRONG = new Map([
  [50, 9_000],
  [1_300, -5_000],
  [2_290, 20],
]);
const second = (n: number): number => WRONG.get(n) ?? n;
const time = (seconds: number): string => new Date(BEGIN + 1_000 * seconds).toISOString();
const all = Array.from({ length: COUNT }, (_, n) => n);

let database: TestDatabase;
let auditor: RunningAuditor;

beforeAll(async () => {
  const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'time-test' });
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const { events: topic } = topicNames(topicPrefix);
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  await write(
    kafka,
    all.map((n) =>
      eventRecord(topic, { occurredAt: new Date(time(second(n))), correlationId: `o-${n % 7}` }),
    ),
  );
  await kafka.close();
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
  while ((await auditor.get(`/v1/events/0/${COUNT - 1}`)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 20));
});
afterAll(async () => {
  await auditor?.stop();
  await database?.drop();
});

/** The indices of all pages. */
async function indices(query: string): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { body } = await auditor.get(`/v1/events?limit=700&${query}${after}`);
    found.push(...body.events.map(({ index }) => index));
    cursor = body.nextCursor;
  } while (cursor !== null);
  return found;
}

it.each([
  ['in the first block', 100, 200],
  ['over two blocks', 1_000, 1_100],
  ['in the part of a block', 2_200, 2_250],
  ['before nearly all', -9_000, 0],
  ['after nearly all', 8_000, 10_000],
  ['of nothing', 50_000, 60_000],
  ['from the middle on', 1_200, undefined],
  ['up to the middle', undefined, 1_200],
])('finds the events of a time %s, in both orders', async (_, from, to) => {
  const bounds = [from === undefined ? '' : `from=${time(from)}`, to === undefined ? '' : `to=${time(to)}`];
  const query = bounds.filter((text) => text !== '').join('&');
  const expected = all.filter((n) => second(n) >= (from ?? -Infinity) && second(n) < (to ?? Infinity));
  expect(await indices(query)).toEqual(expected);
  expect(await indices(`${query}&order=desc`)).toEqual([...expected].reverse());
});
