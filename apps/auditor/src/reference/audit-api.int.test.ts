import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { kafkaMessageLog } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { ensureTopics, eventRecord, write } from '../testing/event-writer';
import { RunningAuditor } from '../testing/running-auditor';

jest.setTimeout(60_000);

const brokers = process.env['KAFKA_BROKERS'] ?? '';
const eventId = randomUUID();
let database: TestDatabase;
let auditor: RunningAuditor;

const media = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const operation = z.looseObject({
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean() })),
  responses: z.record(z.string(), z.object({ content: media })),
});
const document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.object({ get: operation.optional(), post: operation.optional() })),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
let description: z.output<typeof document>;

/** What operations are asked with: all of them need to be here. */
const CALLS: Record<string, string[]> = {
  '/v1/events': [
    '',
    '?requestId=order-1&order=desc&limit=1',
    '?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z',
  ],
  '/v1/events/{log}/{index}': ['/v1/events/0/0'],
  '/v1/requests/{id}': ['/v1/requests/order-1'],
  '/v1/nodes': [''],
  '/v1/export': ['?format=jsonl', '?format=csv&order=desc'],
  '/v1/checkpoint': ['', '?log=0'],
  '/v1/proofs/inclusion': [`?eventId=${eventId}`, '?log=0&index=2&size=3'],
  '/v1/proofs/consistency': ['?from=1', '?log=0&from=0&to=2'],
  '/v1/proofs/bundle': [`?eventId=${eventId}`, '?index=0'],
  '/log/{log}/checkpoint': ['/log/0/checkpoint'],
  '/log/{log}/tile/{path}': ['/log/0/tile/0/000.p/2', '/log/0/tile/entries/000.p/1'],
};

beforeAll(async () => {
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'auditor-test' });
  await ensureTopics(kafka, topicPrefix);
  database = await createTestDatabase();
  auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix });
  const topic = topicNames(topicPrefix).events;
  const good = eventRecord(topic, { eventId, payload: { requestId: 'order-1', keyId: 'k_1' } });
  await write(kafka, [good, good, { ...eventRecord(topic), value: Buffer.from([0xff]) }, eventRecord(topic)]);
  await kafka.close();
  await auditor.events(4);
  description = document.parse((await auditor.get('/openapi.json')).body);
});
afterAll(async () => {
  await auditor?.stop();
  await database?.drop();
});

/** A schema of the document, as something that can check. */
function checker(schema: Record<string, unknown>): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas });
  return z.fromJSONSchema(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Parameters<
      typeof z.fromJSONSchema
    >[0],
  );
}

describe('the OpenAPI document', () => {
  it('refers to nothing that it lacks, and names the parameters of each path', () => {
    const text = JSON.stringify(description);
    for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(description.components.schemas).toHaveProperty(name);
    for (const [path, { get, post }] of Object.entries(description.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (get ?? post)?.parameters.filter((parameter) => parameter.in === 'path') ?? [];
      expect(described.map(({ name }) => name)).toEqual(named);
    }
  });

  it('has the answer of every read', async () => {
    const reads = Object.entries(description.paths).flatMap(([path, { get }]) =>
      get ? [[path, get] as const] : [],
    );
    expect(reads.map(([path]) => path).sort()).toEqual(Object.keys(CALLS).sort());
    for (const [path, { responses }] of reads) {
      for (const call of CALLS[path] ?? []) {
        const answer = await auditor.get(call.startsWith('/') ? call : `${path}${call}`);
        expect([call, answer.status]).toEqual([call, 200]);
        const content = responses['200']?.content ?? {};
        const [type = ''] = answer.type.split(';');
        expect(Object.keys(content)).toContain(type);
        const documents =
          type === 'application/json'
            ? [answer.body]
            : type === 'application/jsonl'
              ? String(answer.body['text'])
                  .trimEnd()
                  .split('\n')
                  .map((line) => JSON.parse(line) as unknown)
              : [];
        for (const one of documents)
          expect(checker(content[type]?.schema ?? {}).safeParse(one)).toMatchObject({ success: true });
      }
    }
  });
});

describe('whatever is asked', () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1',
      '2147483648',
      '9007199254740991',
      '9007199254740993',
      '1e9',
      'null',
      '%00',
    ),
    fc.constantFrom(
      '%ff',
      '%ZZ',
      '..',
      "' OR 1=1--",
      '%E2%80%AE',
      'a'.repeat(2_000),
      'asc',
      'desc',
      'csv',
      'jsonl',
    ),
    fc.constantFrom(
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:60Z',
      '2026-12-01T00:00:00+01:00',
      eventId,
      'order-1',
    ),
    fc.string({ maxLength: 40 }).map(encodeURIComponent),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString('base64url')),
  );
  const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS');
  const strange = fc.constantFrom('nobodys', '__proto__', 'limit[]', 'a[b]');
  const nowhere = fc.constantFrom('/v1/events/', '/v1', '/v1/nothing', '/log', '/log/0', '/V1/EVENTS');
  /** Mostly something that there is, with some of its own parameters. */
  const url = () => {
    const places = Object.entries(description.paths).map(([path, { get }]) => {
      const own = get?.parameters.filter((one) => one.in === 'query').map(({ name }) => name) ?? [];
      const name =
        own.length === 0 ? strange : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...own) }, strange);
      const query = fc.uniqueArray(fc.tuple(name, nasty), { maxLength: 3, selector: ([key]) => key });
      return fc.tuple(fc.constant(path), query, fc.array(fc.tuple(name, nasty), { maxLength: 1 }));
    });
    const lost = fc.tuple(nowhere, fc.constant([]), fc.constant([]));
    return fc.tuple(fc.oneof(...places, lost), nasty).map(([[path, query, again], segment]) => {
      const search = [...query, ...again].map(([key, value]) => `${key}=${value}`).join('&');
      return `${path.replaceAll(/\{\w+\}/g, segment)}?${search}`;
    });
  };

  it('the answer is what was asked for, or a problem of a documented type, and no failure', async () => {
    const page = String((await auditor.get('/docs')).body['text']);
    const documented = [...page.matchAll(/urn:quorate:problem:[a-z-]+/g)].map(([type]) => type);
    await fc.assert(
      fc.asyncProperty(method, url(), async (verb, where) => {
        const answer = await fetch(`${auditor.url}${where}`, { method: verb });
        const body = await answer.text();
        if (answer.ok || verb === 'HEAD') return answer.status < 500;
        const problem = JSON.parse(body) as { type: string; title: string; status: number; detail: string };
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(documented).toContain(problem.type);
        expect(problem.status).toBe(answer.status);
        expect(problem.detail.length).toBeGreaterThan(10);
        return answer.status < 500;
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  it.each([
    ['no JSON', '{', 'application/json', 400],
    ['another type', 'log=0', 'text/plain', 400],
    ['an unknown charset', '{}', 'application/json; charset=klingon', 400],
    ['too much', JSON.stringify({ log: 0, checkpoint: 'x'.repeat(200_000) }), 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['what nobody cosigned', JSON.stringify({ log: 2 ** 53, checkpoint: '' }), 'application/json', 400],
  ])('%s is no cosignature', async (_, body, type, status) => {
    const answer = await fetch(`${auditor.url}/v1/cosignatures`, {
      ...{ method: 'POST', body, headers: { 'content-type': type } },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
  });
});
