import { randomBytes } from 'node:crypto';
import { kafkaMessageLog } from '@quorate/messaging';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

const brokers = process.env['KAFKA_BROKERS'] ?? '';
jest.setTimeout(60_000);

let database: TestDatabase;
let auditor: RunningAuditor;

beforeAll(async () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
  await ensureTopics(kafka, topicPrefix);
  await kafka.close();
  database = await createTestDatabase();
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
  // The logs are there, each with the checkpoint of its empty tree.
  await auditor.readiness(true);
});
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
    ['/v1/checkpoint?log=7', 404, 'There is no log 7'],
    ['/v1/checkpoint?log=999999999', 404, 'There is no log 999999999'],
    ['/v1/checkpoint?log=9007199254740991', 400, 'log must be a whole number from 0 to 999999999'],
    ['/v1/proofs/inclusion?log=2147483648&index=0', 400, 'log must be'],
    ['/v1/proofs/inclusion?index=0&size=9007199254740991', 404, 'no such entry'],
    ['/v1/proofs/consistency?log=4294967296&from=0', 400, 'log must be'],
    ['/log/999999999/tile/0/000', 404, 'has not grown that far'],
    ['/v1/events/999999999/0', 404, 'no such entry'],
    ['/v1/events/0/999999999999999', 404, 'no such entry'],
    ['/v1/events?cursor=', 400, 'nextCursor'],
    ['/v1/events?limit=', 400, 'limit'],
    ['/v1/events?requestId[]=a', 400, '"requestId[]"'],
    ['/v1/export?format=csv&format=csv', 400, 'more than once'],
    ['/v1/checkpoint?log=x', 400, 'log must be a whole number'],
    ['/v1/proofs/inclusion', 400, 'Give either eventId, or log and index'],
    ['/v1/proofs/inclusion?eventId=x&index=0', 400, 'Give either'],
    ['/v1/proofs/inclusion?eventId=x', 404, 'no such entry'],
    ['/v1/proofs/inclusion?index=9007199254740991', 404, 'no such entry'],
    ['/v1/proofs/inclusion?index=9007199254740992', 400, 'index must be a whole number'],
    ['/v1/proofs/bundle?eventId=x&size=1', 400, '"size"'],
    ['/v1/proofs/consistency', 400, 'from is missing'],
    ['/v1/proofs/consistency?from=1', 400, 'from 1 is above the 0 leaves'],
    ['/v1/proofs/consistency?from=0&to=5', 404, 'no checkpoint of 5 leaves'],
    ['/log/7/checkpoint', 404, 'There is no log 7'],
    ['/log/00/checkpoint', 404, 'no such log'],
    ['/log/0/tile/0/0', 404, 'no path of a tile'],
    ['/log/0/tile/0/000', 404, 'has not grown that far'],
    ['/log/0/tile/entries/000.p/1', 404, 'has not grown that far'],
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

  it.each([
    [401, 400, 'actor must be 1 to 400'],
    [20_000, 431, 'too long'],
  ])('a filter of %i characters gives a problem %i', async (length, status, detail) => {
    const answer = await auditor.get(`/v1/events?actor=${'a'.repeat(length)}`);
    expect(answer).toMatchObject({ status, body: { status } });
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
