import { randomBytes } from 'node:crypto';
import { kafkaMessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { RunningAuditor } from '../testing/running-auditor';

const brokers = process.env['KAFKA_BROKERS'] ?? '';
let database: TestDatabase;
let auditor: RunningAuditor;

beforeAll(async () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
  await kafka.ensureTopics([{ topic: topicNames(topicPrefix).events, partitions: 1 }]);
  await kafka.close();
  database = await createTestDatabase();
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
}, 60_000);
afterAll(async () => {
  await auditor.stop();
  await database.drop();
});

describe('the query API', () => {
  it.each([
    ['/v1/events?colour=red', 400, '"colour"'],
    ['/v1/events?limit=0', 400, 'limit must be a whole number from 1 to 1000'],
    ['/v1/events?limit=1001', 400, 'limit'],
    ['/v1/events?limit=ten', 400, 'limit'],
    ['/v1/events?order=up', 400, 'order must be asc'],
    ['/v1/events?from=yesterday', 400, 'RFC 3339'],
    ['/v1/events?to=2026-02-30T00:00:00Z', 400, 'RFC 3339'],
    ['/v1/events?cursor=abc', 400, 'nextCursor'],
    ['/v1/events?order=desc&cursor=YXNjOjA6MQ', 400, 'order=asc'],
    ['/v1/events?cursor=YXNjOjA6OTk5OTk5OTk5OTk5OTk5OTk5OQ', 400, 'nextCursor'],
    ['/v1/events?requestId=a&requestId=b', 400, 'more than once'],
    ['/v1/events?requestId=%00', 400, 'requestId'],
    ['/v1/events?type=%ff', 400, 'type'],
    ['/v1/export', 400, 'format is missing'],
    ['/v1/export?format=xml', 400, 'jsonl'],
    ['/v1/export?format=csv&limit=3', 400, '"limit"'],
    ['/v1/requests/unknown', 404, 'requestId, intentId'],
    ['/v1/requests/%00', 404, 'requestId'],
    ['/v1/requests/%ZZ', 400, 'cannot be read'],
    ['/v1/checkpoint?log=0', 404, '/v1/checkpoint'],
    ['/v1/proofs/inclusion?eventId=x', 404, '/v1/proofs/inclusion'],
    ['/log/0/checkpoint', 404, '/log/0/checkpoint'],
  ])('%s gives a problem %i that says what to change', async (path, status, detail) => {
    const answer = await auditor.get(path);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      status,
      type: expect.stringMatching(/^urn:/) as unknown,
      title: expect.any(String) as unknown,
    });
    expect(answer.body.detail).toContain(detail);
  });

  it('describes itself', async () => {
    const { body } = await auditor.get('/openapi.json');
    expect(body['openapi']).toBe('3.1.0');
    expect(JSON.stringify(body)).toContain('"name":"keyId"');
    const docs = await auditor.get('/docs');
    expect(docs.type).toContain('text/html');
    expect(String(docs.body['text'])).not.toMatch(/(src|href)="https?:/);
  });
});
