import { createHmac } from 'node:crypto';
import { type ServerResponse } from 'node:http';

import { until } from '../../../../test/integration/until';
import { Receiver } from './testing/receiver';
import { testSecret, WebhookBench } from './testing/webhook-bench';

jest.setTimeout(60_000);

/** Deliveries on a real database to a real HTTP server, with pauses cut short. */
describe('webhooks', () => {
  let bench: WebhookBench;
  let receiver: Receiver;

  beforeAll(async () => {
    bench = await WebhookBench.start();
  });
  afterAll(() => bench?.stop());
  beforeEach(async () => {
    receiver = await Receiver.start();
  });
  afterEach(async () => {
    await bench.close();
    await receiver.stop();
    await bench.clear();
  });

  const local = { http: true, networks: ['127.0.0.0/8'] };
  const endpoint = (change: object = {}, path = '/') => ({
    ...{ id: 'books', url: receiver.url(path), statuses: ['confirmed', 'rejected', 'failed'] },
    ...{ allow: { ...local, ports: [receiver.port] } },
    ...change,
  });
  const attempts = (result: string) => bench.metric('attempts_total', { endpoint: 'books', result });
  const allAre = (state: string) =>
    until(async () => (await bench.states()).every((one) => one === state), 20_000);

  it('tell what is settled, signed, in the bytes of the outcome', async () => {
    bench.open(endpoint());
    const intentId = bench.newId();
    await bench.outcome(intentId, 'accepted');
    await bench.outcome(intentId, 'confirmed', { hash: `0x${'22'.repeat(32)}` });
    await receiver.arrived(1);
    await allAre('delivered');
    const [got] = receiver.received;
    const { type, timestamp, data } = JSON.parse(got?.body ?? '') as Record<string, Record<string, unknown>>;
    expect({ type, timestamp }).toEqual({ type: 'quorate.tx.confirmed.v1', timestamp: data?.['at'] });
    expect(data).toMatchObject({ intentId, requester: 'alice', status: 'confirmed', type });
    const {
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'content-type': contentType,
    } = got?.headers ?? {};
    expect([id, contentType]).toEqual([data?.['id'], 'application/json']);
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(30);
    const key = Buffer.from(testSecret.slice(6), 'base64');
    const mac = createHmac('sha256', key)
      .update(`${String(id)}.${String(seconds)}.${got?.body}`)
      .digest('base64');
    expect(got?.headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(receiver.received).toHaveLength(1);
    expect(await attempts('delivered')).toBe(1);
  });

  it('go only to who asked for them', async () => {
    bench.open(
      endpoint({ id: 'failures', statuses: ['failed'] }, '/failures'),
      endpoint({ id: 'bob', requesters: ['bob'] }, '/bob'),
      endpoint({}, '/all'),
    );
    await bench.outcome(bench.newId(), 'confirmed');
    await bench.outcome(bench.newId(), 'failed');
    await receiver.arrived(3);
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/all', '/all', '/failures']);
  });

  it('are not sent when the outcome was not stored', async () => {
    bench.open(endpoint());
    await expect(bench.outcome(bench.newId(), 'confirmed', {}, 'SELECT 1 / 0')).rejects.toThrow();
    await bench.outcome('after', 'confirmed');
    await receiver.arrived(1);
    expect(receiver.received.map(({ body }) => body)).toEqual([expect.stringContaining('"after"')]);
  });

  it('are sent again with the same id after a failure, until they are taken', async () => {
    const answers = [500, 429, 302, 404];
    receiver.answer = () => answers.shift() ?? 200;
    bench.open(endpoint());
    await bench.outcome(bench.newId(), 'confirmed');
    for (let attempts = 1; attempts <= 4; attempts += 1) {
      await receiver.arrived(attempts);
      await until(
        async () =>
          (await bench.query('SELECT FROM webhook_delivery WHERE last_result IS NOT NULL')).length === 1,
      );
      const [row] = await bench.query(
        'SELECT attempts, extract(epoch FROM next_attempt_at - last_attempt_at)::float8 AS pause FROM webhook_delivery',
      );
      expect(row?.['attempts']).toBe(attempts);
      expect(Math.round(Number(row?.['pause']) / 5)).toBe(2 ** (attempts - 1));
      await bench.query('UPDATE webhook_delivery SET last_result = NULL, next_attempt_at = now()');
    }
    await allAre('delivered');
    expect(new Set(receiver.ids()).size).toBe(1);
    expect(receiver.ids()).toHaveLength(5);
  });

  it('do not follow a redirection', async () => {
    receiver.answer = ({ path }) =>
      path === '/' ? (response) => response.writeHead(307, { location: '/elsewhere' }).end() : 200;
    bench.open(endpoint());
    await bench.outcome(bench.newId(), 'confirmed');
    await until(async () => (await attempts('redirected')) === 1);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/']);
    expect(await bench.states()).toEqual(['waiting']);
  });

  it('are given up after three days, and the next of the intent goes on', async () => {
    receiver.answer = () => 503;
    bench.open(endpoint());
    const intentId = bench.newId();
    await bench.outcome(intentId, 'failed');
    await bench.outcome(intentId, 'confirmed');
    await receiver.arrived(1);
    await bench.query(
      `UPDATE webhook_delivery SET created_at = now() - interval '72 hours' WHERE type = 'quorate.tx.failed.v1'`,
    );
    await until(async () => {
      await bench.query(
        'UPDATE webhook_delivery SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL AND attempts < 3',
      );
      return (await bench.states())[0] === 'given-up';
    });
    receiver.answer = () => 200;
    await bench.skipPauses();
    await until(async () => (await bench.states())[1] === 'delivered');
    expect(await bench.metric('given_up_total', { endpoint: 'books' })).toBe(1);
    expect(bench.logged.some(({ level, msg }) => level === 'error' && String(msg).includes('given up'))).toBe(
      true,
    );
    const [told, ...more] = (await bench.events('books')).filter(({ data }) => data['intentId'] === intentId);
    expect(more).toEqual([]);
    expect(told).toMatchObject({
      type: 'quorate.tx.webhook-given-up.v1',
      data: { endpoint: 'books', requester: 'alice', about: 'quorate.tx.failed.v1', result: 'HTTP 503' },
    });
  });

  it('whose endpoint was removed are given up after three days, one by one, and not before', async () => {
    receiver.answer = () => 500;
    bench.open(endpoint());
    const intentId = bench.newId();
    await bench.outcome(intentId, 'failed');
    await bench.outcome(intentId, 'confirmed');
    await until(async () => (await attempts('server-error')) === 1);
    await bench.close();
    await bench.query(
      `UPDATE webhook_delivery SET created_at = now() - interval '73 hours' WHERE type = 'quorate.tx.failed.v1'`,
    );
    bench.open(endpoint({ id: 'other' }));
    await until(async () => (await bench.states())[0] === 'given-up');
    expect(await bench.states()).toEqual(['given-up', 'waiting']);
    await until(async () => (await bench.metric('given_up_total', { endpoint: 'books' })) === 1);
    expect((await bench.events('books')).at(-1)).toMatchObject({
      ...{ type: 'quorate.tx.webhooks-orphaned.v1', data: { endpoint: 'books', count: 1 } },
    });
    await bench.close();
    receiver.answer = () => 200;
    bench.open(endpoint());
    await until(async () => (await bench.states())[1] === 'delivered');
  });

  it('are forgotten a week after they were delivered', async () => {
    bench.open(endpoint());
    await bench.outcome('old', 'confirmed');
    await bench.outcome('new', 'confirmed');
    await receiver.arrived(2);
    await allAre('delivered');
    await bench.close();
    await bench.query(
      `UPDATE webhook_delivery SET finished_at = now() - interval '8 days' WHERE intent_id = 'old'`,
    );
    bench.open(endpoint());
    await until(async () => (await bench.states()).length === 1);
    expect(await bench.query('SELECT intent_id FROM webhook_delivery')).toEqual([{ intent_id: 'new' }]);
  });

  it('show no URL and no secret in what is logged', async () => {
    receiver.answer = () => 500;
    bench.open(endpoint({}, '/t0ken'));
    await bench.outcome(bench.newId(), 'confirmed');
    await until(async () => (await attempts('server-error')) === 1);
    await until(() => bench.logged.some(({ msg }) => msg === 'webhook endpoint does not take what it gets'));
    expect(JSON.stringify(bench.logged)).not.toMatch(/t0ken|whsec_|127\.0\.0\.1/);
  });

  it('of one intent come in order, also while the first fails', async () => {
    receiver.answer = () => 500;
    bench.open(endpoint());
    const [one, other] = [bench.newId(), bench.newId()];
    await bench.outcome(one, 'rejected', { intentHash: `0x${'33'.repeat(32)}` });
    await receiver.arrived(1);
    await bench.outcome(one, 'failed');
    await bench.outcome(one, 'confirmed');
    await bench.outcome(other, 'confirmed');
    await receiver.arrived(2);
    receiver.answer = () => 200;
    await until(async () => {
      await bench.skipPauses();
      return (await bench.states()).every((state) => state === 'delivered');
    });
    const told = receiver.received.flatMap(({ body }) => {
      const { data } = JSON.parse(body) as { data: { intentId: string; status: string } };
      return data.intentId === one ? [data.status] : [];
    });
    expect([...new Set(told)]).toEqual(['rejected', 'failed', 'confirmed']);
  });

  it('all come once and in order when many are written while others are delivered, by two processes', async () => {
    bench.open(endpoint());
    bench.open(endpoint());
    const intentIds = Array.from({ length: 12 }, () => bench.newId());
    const reasons = Array.from({ length: 8 }, (_, n) => `reason ${n}`);
    await Promise.all(
      intentIds.map(async (intentId) => {
        for (const reason of reasons) await bench.outcome(intentId, 'failed', { reason });
      }),
    );
    await allAre('delivered');
    const told = receiver.received.map(({ body }) => {
      const { data } = JSON.parse(body) as { data: { intentId: string; reason: string } };
      return data;
    });
    for (const intentId of intentIds) {
      const inOrder = told.flatMap((data) => (data.intentId === intentId ? [data.reason] : []));
      expect(inOrder).toEqual(reasons);
    }
  });

  it('move up also when the one before is taken while they are being written', async () => {
    let answerFirst = (): void => undefined;
    receiver.answer = () => (response) => {
      answerFirst = () => response.writeHead(200).end();
    };
    bench.open(endpoint());
    const intentId = bench.newId();
    await bench.outcome(intentId, 'failed');
    await receiver.arrived(1);
    receiver.answer = () => 200;
    const writing = bench.outcome(intentId, 'confirmed', {}, 'SELECT pg_sleep(1)');
    const isWritten = `SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1)' AND state = 'active'`;
    await until(async () => (await bench.query(isWritten)).length === 1);
    answerFirst();
    await writing;
    await allAre('delivered');
    expect(receiver.received).toHaveLength(2);
  });

  it('wait for no other endpoint, however many it leaves hanging', async () => {
    receiver.answer = ({ path }) => (path === '/dead' ? 'hang' : 200);
    bench.open(endpoint({ id: 'dead', concurrency: 2 }, '/dead'), endpoint({}, '/alive'));
    for (let n = 0; n < 20; n += 1) await bench.outcome(bench.newId(), 'confirmed');
    await receiver.arrived(20, '/alive', 9_000);
    expect(receiver.ids('/dead')).toHaveLength(2);
    await until(async () => (await bench.metric('oldest_waiting_seconds', { endpoint: 'books' })) === 0);
    expect(await bench.metric('oldest_waiting_seconds', { endpoint: 'dead' })).toBeGreaterThan(0);
  });

  it('are cut after 10 s without an answer, and tried again', async () => {
    receiver.answer = () => 'hang';
    bench.open(endpoint());
    await bench.outcome(bench.newId(), 'confirmed');
    await until(async () => (await attempts('timeout')) === 1, 15_000);
    receiver.answer = () => 200;
    await until(
      async () =>
        (await bench.query('SELECT FROM webhook_delivery WHERE last_result IS NOT NULL')).length === 1,
    );
    await bench.skipPauses();
    await allAre('delivered');
  });

  it('count by their status, whatever the body: endless, cut, or huge', async () => {
    const bodies: ((response: ServerResponse) => void)[] = [
      (response) => {
        response.writeHead(200);
        const more = setInterval(() => response.write(Buffer.alloc(65_536)), 5);
        response.on('close', () => clearInterval(more));
      },
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setImmediate(() => response.destroy());
      },
    ];
    receiver.answer = () => bodies.shift() ?? 500;
    bench.open(endpoint({ concurrency: 1 }));
    await bench.outcome(bench.newId(), 'confirmed');
    await bench.outcome(bench.newId(), 'confirmed');
    await receiver.arrived(2);
    await allAre('delivered');
    expect(receiver.received).toHaveLength(2);
  });

  it('count a connection that closes without an answer as not taken', async () => {
    receiver.answer = () => (_, socket) => socket.destroy();
    bench.open(endpoint());
    await bench.outcome(bench.newId(), 'confirmed');
    await until(async () => (await attempts('unreachable')) === 1);
    expect(await bench.states()).toEqual(['waiting']);
  });

  it('stop at an endpoint that answers 410, until the file is read again', async () => {
    receiver.answer = () => 410;
    bench.open(endpoint({ concurrency: 1 }));
    await bench.outcome(bench.newId(), 'confirmed');
    await until(async () => (await bench.metric('endpoint_active', { endpoint: 'books' })) === 0);
    await bench.outcome(bench.newId(), 'confirmed');
    await bench.skipPauses();
    // A sweep and more.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.received).toHaveLength(1);
    expect((await bench.events('books')).at(-1)).toMatchObject({
      ...{ type: 'quorate.tx.webhook-endpoint-gone.v1', data: { webhookId: receiver.ids()[0] } },
    });
    receiver.answer = () => 200;
    bench.reload(endpoint());
    await allAre('delivered');
  });

  it('go where a reload says, and keep what was under way', async () => {
    receiver.answer = ({ path }) =>
      path === '/before' ? (response) => void setTimeout(() => response.writeHead(200).end(), 500) : 200;
    bench.open(endpoint({}, '/before'));
    await bench.outcome(bench.newId(), 'confirmed');
    await receiver.arrived(1);
    bench.reload(endpoint({}, '/after'));
    await bench.outcome(bench.newId(), 'confirmed');
    await allAre('delivered');
    expect(receiver.received.map(({ path }) => path)).toEqual(['/before', '/after']);
  });

  describe('of what is pending', () => {
    const pendingEndpoint = () => endpoint({ pending: { everySeconds: 10 } });
    /** Lets the interval of every intent be over. */
    const skipInterval = () => bench.query('UPDATE webhook_pending SET next_notice_at = now()');
    const told = () =>
      receiver.received.map(({ body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> };
        return {
          type,
          status: data['status'],
          id: data['id'],
          intentId: data['intentId'],
          since: data['since'],
        };
      });

    it('come after each interval with the status of then, until the intent is settled', async () => {
      bench.open(pendingEndpoint());
      const intentId = bench.newId();
      await bench.intent(intentId, 'queued');
      await bench.outcome(intentId, 'accepted');
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(receiver.received).toEqual([]);
      await skipInterval();
      await receiver.arrived(1);
      await bench.intent(intentId, 'broadcast');
      await bench.outcome(intentId, 'broadcast');
      await allAre('delivered');
      await skipInterval();
      await receiver.arrived(2);
      await bench.intent(intentId, 'confirmed');
      await bench.outcome(intentId, 'confirmed');
      await receiver.arrived(3);
      await skipInterval();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(told()).toMatchObject([
        { type: 'quorate.tx.pending.v1', status: 'queued', intentId },
        { type: 'quorate.tx.pending.v1', status: 'broadcast', intentId },
        { type: 'quorate.tx.confirmed.v1', status: 'confirmed', intentId },
      ]);
      expect(receiver.ids()).toEqual(told().map(({ id }) => id));
      expect(new Set(receiver.ids()).size).toBe(3);
      expect(told()[1]?.since).toBe(told()[0]?.since);
    });

    it('end only with the intent itself, not with other bytes that were refused under its name', async () => {
      bench.open(pendingEndpoint());
      const intentId = bench.newId();
      await bench.intent(intentId, 'queued');
      await bench.outcome(intentId, 'accepted');
      await bench.outcome(intentId, 'rejected', { intentHash: `0x${'44'.repeat(32)}`, code: 'conflict' });
      await receiver.arrived(1);
      await skipInterval();
      await receiver.arrived(2);
      expect(told().map(({ type }) => type)).toEqual(['quorate.tx.rejected.v1', 'quorate.tx.pending.v1']);
    });

    it('do not pile up at an endpoint that is away', async () => {
      receiver.answer = () => 500;
      bench.open(pendingEndpoint());
      const intentId = bench.newId();
      await bench.intent(intentId, 'queued');
      await bench.outcome(intentId, 'accepted');
      await skipInterval();
      await receiver.arrived(1);
      await skipInterval();
      await until(
        async () =>
          (await bench.query('SELECT FROM webhook_pending WHERE next_notice_at <= now()')).length === 0,
      );
      expect(await bench.states()).toEqual(['waiting']);
    });

    it('go on after the process died, and are not told of what was settled without them', async () => {
      bench.open(pendingEndpoint());
      const [open, settled] = [bench.newId(), bench.newId()];
      for (const intentId of [open, settled]) {
        await bench.intent(intentId, 'queued');
        await bench.outcome(intentId, 'accepted');
      }
      await bench.close();
      await bench.intent(settled, 'confirmed');
      await skipInterval();
      bench.open(pendingEndpoint());
      await receiver.arrived(1);
      await until(async () => (await bench.query('SELECT FROM webhook_pending')).length === 1);
      expect(told()).toMatchObject([{ type: 'quorate.tx.pending.v1', intentId: open }]);
    });
  });

  describe('when the process dies', () => {
    it('before an attempt: the next process delivers', async () => {
      bench.open(endpoint());
      await bench.close();
      bench.open(endpoint({ id: 'books', url: 'https://books.test/', allow: local }));
      await bench.outcome(bench.newId(), 'confirmed');
      await bench.close();
      bench.open(endpoint());
      await until(async () => {
        await bench.skipPauses();
        return (await bench.states()).every((state) => state === 'delivered');
      });
      expect(receiver.received).toHaveLength(1);
    });

    it('during an attempt: the next process makes it again, with the same id', async () => {
      receiver.answer = () => 'hang';
      bench.open(endpoint());
      await bench.outcome(bench.newId(), 'confirmed');
      await receiver.arrived(1);
      await bench.close();
      receiver.answer = () => 200;
      bench.open(endpoint());
      await allAre('delivered');
      expect(new Set(receiver.ids()).size).toBe(1);
      expect(receiver.ids()).toHaveLength(2);
    });

    it('after the delivery, before it is noted: it is delivered again when the claim ends, with the same id', async () => {
      await bench.loseResults();
      bench.open(endpoint());
      await bench.outcome(bench.newId(), 'confirmed');
      await receiver.arrived(1);
      await until(() => bench.logged.some(({ msg }) => msg === 'result of a webhook could not be stored'));
      await bench.close();
      await bench.keepResults();
      expect(await bench.states()).toEqual(['waiting']);
      bench.open(endpoint());
      // The claim of the dead process holds for 15 s.
      await receiver.arrived(2);
      await allAre('delivered');
      expect(new Set(receiver.ids()).size).toBe(1);
      expect(receiver.ids()).toHaveLength(2);
    });
  });
});
