import { randomUUID } from 'node:crypto';
import { kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { QuorateClient } from './quorate-client';
import { completedFinal, FakeInstallation, testKey, testService } from './testing/fake-installation';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const topicPrefix = `client-${randomUUID().slice(0, 8)}.`;
const alice = testService('alice');
const request = { keyId: 'k_7f3a', payload: { kind: 'eip191', message: '0x68656c6c6f' } } as const;

let log: MessageLog;
let installation: FakeInstallation;

const connect = (to = brokers, connectTimeoutMs = 30_000) =>
  QuorateClient.connect({
    brokers: to,
    topicPrefix,
    groupPrefix: topicPrefix,
    connectTimeoutMs,
    requester: { kid: 'alice', privateKey: alice.privateKey },
    trust: {
      coordinators: { 'coordinator-1': installation.coordinator.jwk },
      submitters: { submitter: installation.submitter.jwk },
    },
  });

beforeAll(async () => {
  log = kafkaMessageLog({ brokers, clientId: 'client-test' });
  installation = new FakeInstallation(log, topicPrefix);
  const { requests, finals, intents, outcomes } = installation.topics;
  await log.ensureTopics([requests, finals, intents, outcomes].map((topic) => ({ topic, partitions: 4 })));
  await installation.start((value) => installation.publishFinal(completedFinal(value)));
}, 60_000);

afterAll(async () => {
  await log.close();
});

test('no final is missed, even of a request that is sent right after connecting', async () => {
  for (let round = 0; round < 3; round++) {
    const client = await connect();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.signRequest(request, { key: testKey })),
    );
    expect(new Set(answers.map(({ data }) => data.requestId)).size).toBe(8);
    await client.close();
  }
}, 120_000);

test('brokers that are away end connecting in time', async () => {
  await expect(connect(['127.0.0.1:9'], 500)).rejects.toMatchObject({ kind: 'unavailable', code: 'connect' });
}, 30_000);
