import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { receiveWebhooks } from '../../examples/receive-webhooks';
import { until } from '../../../../test/integration/until';
import { verdicts } from './attempt';
import { parseEndpoints } from './endpoint-file';
import { settledStatuses } from './settled';
import { parseSecrets, webhookHeaders } from './signature';
import { testSecret, WebhookBench } from './testing/webhook-bench';

jest.setTimeout(60_000);

const root = join(__dirname, '../../../..');
const page = readFileSync(join(root, 'docs/webhooks.md'), 'utf8');

describe('docs/webhooks.md', () => {
  it('shows the receiver that is tested here', () => {
    const example = readFileSync(join(root, 'apps/tx-submitter/examples/receive-webhooks.ts'), 'utf8');
    expect(page).toContain('```ts\n' + example + '```');
  });

  it('shows a file of endpoints that is taken', () => {
    const [, file = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'quorate-webhooks-'));
    for (const name of ['books', 'desk']) writeFileSync(join(folder, `${name}.secret`), testSecret);
    const endpoints = parseEndpoints(file, join(folder, 'webhooks.json'));
    rmSync(folder, { recursive: true });
    expect(endpoints.map(({ id }) => id)).toEqual(['books', 'desk']);
  });

  it('names every status and every result of an attempt', () => {
    for (const word of [...settledStatuses, ...verdicts]) expect(page).toContain(word);
  });
});

describe('the receiver of the documentation', () => {
  const kept = new Map<string, string>();
  let isFull = false;
  let server: Server;

  beforeAll(async () => {
    server = receiveWebhooks(testSecret, async (id, event) => {
      if (isFull) throw new Error('disk full');
      kept.set(id, event);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const port = () => (server.address() as AddressInfo).port;
  const post = async (headers: Record<string, string>, body: string) =>
    (await fetch(`http://127.0.0.1:${port()}/`, { method: 'POST', headers, body })).status;
  const signed = (body: string, secret: string, seconds = Math.floor(Date.now() / 1000)) =>
    webhookHeaders({ id: 'e-1', timestamp: seconds, body: Buffer.from(body) }, parseSecrets(secret));

  it('takes what a submitter sends, once it can keep it', async () => {
    const bench = await WebhookBench.start();
    const allow = { http: true, ports: [port()], networks: ['127.0.0.1/32'] };
    isFull = true;
    bench.open({ id: 'books', url: `http://127.0.0.1:${port()}/`, statuses: ['confirmed'], allow });
    await bench.outcome('payout-77', 'confirmed');
    await until(
      async () =>
        (await bench.query('SELECT FROM webhook_delivery WHERE last_result IS NOT NULL')).length > 0,
    );
    isFull = false;
    await bench.skipPauses();
    await until(async () => (await bench.states()).includes('delivered'));
    await bench.stop();
    expect([...kept.values()]).toEqual([expect.stringContaining('"intentId":"payout-77"')]);
  });

  it('refuses other secrets, other bodies, other ids and what is old', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const headers = signed('{}', testSecret);
    expect(await post(signed('{}', other), '{}')).toBe(401);
    expect(await post(headers, '{ }')).toBe(401);
    expect(await post({ ...headers, 'webhook-id': 'e-2' }, '{}')).toBe(401);
    expect(await post(signed('{}', testSecret, Math.floor(Date.now() / 1000) - 400), '{}')).toBe(401);
    expect(await post({}, '{}')).toBe(401);
    expect(await post(headers, '{}')).toBe(204);
  });

  it('takes any of several signatures while the secret changes', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    expect(await post(signed('{}', `${other}\n${testSecret}`), '{}')).toBe(204);
  });
});
