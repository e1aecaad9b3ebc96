import { createServer, type Server } from 'node:http';
import { AuditClient } from './audit-client';

const event = {
  log: 0,
  index: 3,
  type: 'quorate.sign.completed.v1',
  source: '/coordinator/coordinator-1',
  time: '2026-12-01T12:00:00Z',
  verified: true,
  data: { requestId: 'order-1042' },
  jws: 'a..b',
};

let server: Server;
let audit: AuditClient;
let answer: (url: string) => { status: number; body: unknown };
const seen: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
    const { status, body } = answer(request.url ?? '');
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  audit = new AuditClient({ url: `http://127.0.0.1:${port}`, token: 'secret', timeoutMs: 500 });
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  seen.length = 0;
});

test('the filters of a query, and the token', async () => {
  answer = () => ({ status: 200, body: { events: [event], nextCursor: null } });
  const page = await audit.events({ requestId: 'order-1042', limit: 10, order: 'desc', keyId: undefined });
  expect(page.events).toEqual([event]);
  expect(seen).toEqual(['/v1/events?requestId=order-1042&limit=10&order=desc Bearer secret']);
});

test('all pages, in order', async () => {
  answer = (url) => ({
    status: 200,
    body: url.includes('cursor=next')
      ? { events: [{ ...event, index: 4 }] }
      : { events: [event], nextCursor: 'next' },
  });
  const indices: number[] = [];
  for await (const { index } of audit.allEvents({ type: event.type })) indices.push(index);
  expect(indices).toEqual([3, 4]);
});

test('a story, and none', async () => {
  answer = () => ({ status: 200, body: { id: 'a b', events: [event] } });
  expect((await audit.story('a b'))?.events).toHaveLength(1);
  expect(seen[0]).toContain('/v1/requests/a%20b');
  answer = () => ({ status: 404, body: { title: 'Not found' } });
  expect(await audit.story('x')).toBeUndefined();
});

test('an entry, and none', async () => {
  answer = () => ({ status: 200, body: event });
  expect(await audit.entry(0, 3)).toEqual(event);
  expect(seen[0]).toContain('/v1/events/0/3');
  answer = () => ({ status: 404, body: { title: 'Not found' } });
  expect(await audit.entry(0, 4)).toBeUndefined();
});

test.each([
  [
    400,
    { title: 'Wrong filter', detail: 'limit: at most 1000' },
    { kind: 'invalid', message: 'the auditor refuses: Wrong filter: limit: at most 1000' },
  ],
  [503, 'down', { kind: 'unavailable', message: 'the auditor refuses: HTTP status 503' }],
  [200, '<html>', { kind: 'invalid' }],
])('status %s is told as an error', async (status, body, expected) => {
  answer = () => ({ status, body });
  await expect(audit.events()).rejects.toMatchObject(expected);
});

test('an auditor that is away is Unavailable', async () => {
  await expect(new AuditClient({ url: 'http://127.0.0.1:9' }).events()).rejects.toMatchObject({
    kind: 'unavailable',
  });
});
