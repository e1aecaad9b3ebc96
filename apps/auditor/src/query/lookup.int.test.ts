import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';
import { hash, SENDER, Teller } from '../testing/told-stories';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const EVENT_ID = '5bd6b1c5-2440-4c07-a055-fb172b12bb4b';
const count = 9;
let kafka: MessageLog;
let database: TestDatabase;
let auditor: RunningAuditor;

beforeAll(async () => {
  kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'lookup-test' });
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const { events: topic } = topicNames(topicPrefix);
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  const signed = eventRecord(topic, {
    ...{ eventId: EVENT_ID, type: 'quorate.tx.signed.v1', correlationId: 'payout-1' },
    payload: { hash: hash(1).toUpperCase().replace('0X', '0x'), nested: { from: SENDER } },
  });
  const changed = { ...signed, value: Buffer.from(`${String(signed.value)} `) };
  const told = new Teller(topic, Date.now()).signature('order-1', 50);
  await write(kafka, [...told.records, signed, changed, signed]);
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
  await auditor.events(count);
});
afterAll(async () => {
  await auditor.stop();
  await database.drop();
  await kafka.close();
});

const found = async (query: string) =>
  (await auditor.get(`/v1/events?${query}`)).body.events.map(({ index }) => index);

it('finds verified events by the hashes and addresses in them', async () => {
  expect(await found(`hash=${hash(1)}`)).toEqual([6, 8]);
  expect(await found(`hash=${SENDER}`)).toEqual([5, 6, 8]);
  expect(await found(`hash=${SENDER}&order=desc&limit=1`)).toEqual([8]);
  expect(await found(`hash=${SENDER}&type=quorate.sign.completed.v1`)).toEqual([5]);
  expect(await found(`hash=${hash(999)}`)).toEqual([]);
});

it('finds an event and its copies by id', async () => {
  expect(await found(`eventId=${EVENT_ID}`)).toEqual([6, 7, 8]);
});

it('shows one entry by its place', async () => {
  const { body } = await auditor.get('/v1/events/0/6');
  expect(body).toMatchObject({ log: 0, index: 6, verified: true, type: 'quorate.tx.signed.v1' });
});

it.each([
  ['/v1/events?hash=0x12', 400, 'hash'],
  [`/v1/events?hash=${hash(1).toUpperCase()}`, 400, 'lowercase'],
  ['/v1/events/0/9', 404, 'no such entry'],
  ['/v1/events/1/0', 404, 'no such entry'],
  ['/v1/events/0/x', 404, 'no such entry'],
  ['/v1/events/0/99999999999999999999', 404, 'no such entry'],
])('says what is wrong with %s', async (path, status, detail) => {
  const answer = await auditor.get(path);
  expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(detail)]);
});
