import { randomBytes } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, heartbeatRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';
import { type NodeView } from './node-reports';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
let kafka: MessageLog;
let database: TestDatabase;
let auditor: RunningAuditor;
let topic: string;

beforeAll(async () => {
  kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'nodes-test' });
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  topic = topicNames(topicPrefix).heartbeats;
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  await write(kafka, [heartbeatRecord(topic, 'node-1', { ledgerCount: 1 })]);
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
});
afterAll(async () => {
  await auditor.stop();
  await database.drop();
  await kafka.close();
});

async function node(name: string, isWanted: (view: NodeView) => boolean): Promise<NodeView> {
  for (;;) {
    const { body } = await auditor.get('/v1/nodes');
    const found = (body['nodes'] as NodeView[]).find((view) => view.node === name && isWanted(view));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('are known from before the start and from now on, and never get into the log', async () => {
  await node('node-1', ({ heartbeat }) => heartbeat?.ledgerCount === 1);
  await write(kafka, [heartbeatRecord(topic, 'node-1', { ledgerCount: 2, ready: false })]);
  const { status } = await node('node-1', ({ heartbeat }) => heartbeat?.ledgerCount === 2);
  expect(status).toBe('not-ready');
  expect(await node('node-2', () => true)).toEqual({
    ...{ node: 'node-2', status: 'silent', ageMs: null, heartbeat: null },
  });
  expect((await auditor.get('/v1/events')).body.events).toEqual([]);
});
