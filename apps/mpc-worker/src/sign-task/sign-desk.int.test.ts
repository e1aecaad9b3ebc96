import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type LogProducer } from '@quorate/messaging';
import { DurableHalts } from '@quorate/halts';
import { signDetached, streams, toHex } from '@quorate/protocol';
import { type PresignatureBatch, wipePresignature } from '@quorate/threshold';
import { Client } from 'pg';
import { keyIdText } from '../key-share/held-key';
import { type KeyRing } from '../key-share/key-ring';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { generateKey, presign, type TestKey, testNodes } from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { type SignTask } from './assess';
import { SignDesk, type SignDeskParts } from './sign-desk';

jest.setTimeout(60_000);

const PARTIALS = 'mpc.partials';

/** A record on mpc.partials, with what the ledger held when it left. */
interface Answer {
  type: string;
  requestId: string;
  attempt: number;
  presignatureId: string;
  code?: string;
  spent?: boolean;
  wasInLedger: boolean;
}

describe('a node that signs', () => {
  const nodes = testNodes(3);
  const committee = nodes.slice(0, 2);
  const alice = generateKeyPairSync('ed25519');
  let key: TestKey;
  let stand: NodeStand;
  let keys: KeyRing;
  let pool: PresignaturePool;
  let batch: PresignatureBatch;
  let observer: Client;
  let answers: Answer[];
  let halts: DurableHalts;
  let refusals: string[];

  beforeAll(() => {
    key = generateKey(nodes, 2);
  });
  beforeEach(async () => {
    const [node] = nodes;
    const share = key.shares.get(1);
    const made = presign(key, committee, 6).get(1);
    if (node === undefined || share === undefined || made === undefined)
      throw new Error('node-1 has no part');
    batch = made;
    stand = await openNodeStand(node, nodes, alice.publicKey);
    answers = [];
    refusals = [];
    halts = new DurableHalts(streams.halts(node.identity.nodeId), stand.store);
    observer = new Client({ connectionString: stand.url });
    await observer.connect();
    await stand.store.startDispatcher(observed);
    keys = stand.newKeyRing();
    await keys.activate(share, randomBytes(32), () => undefined);
    pool = new PresignaturePool();
    pool.add(batch, {
      ...{ keyId: keyIdText(share.keyId), epoch: 0, committeeIndices: batch.committee },
      ...{ committee: ['node-1', 'node-2'], bootIds: new Map() },
    });
  });
  afterEach(async () => {
    await observer.end();
    await stand.close();
  });

  /** Looks into the ledger when a record leaves, and takes all of them. */
  const observed: LogProducer = {
    send: async (records) => {
      for (const { topic, value } of records) {
        if (topic !== PARTIALS || value === null) continue;
        const answer = JSON.parse(value.toString()) as Answer;
        const id = Buffer.from(answer.presignatureId.slice(2), 'hex');
        const { rowCount } = await observer.query(
          'SELECT FROM presignature_ledger WHERE presignature_id = $1',
          [id],
        );
        answers.push({ ...answer, wasInLedger: rowCount === 1 });
      }
    },
    close: async () => undefined,
  };

  const newDesk = (stock = pool, change: Partial<SignDeskParts> = {}): SignDesk => {
    const [node] = nodes;
    if (node === undefined) throw new Error('there is a node');
    const { identity } = node;
    const { store, hold, policy, logger } = stand;
    return new SignDesk({
      identity,
      store,
      hold,
      keys,
      pool: stock,
      policy,
      logger,
      halts,
      onRefused: ({ requester, code }) => refusals.push(`${requester} ${code}`),
      onSpent: () => undefined,
      ...change,
    });
  };

  const idOf = (n: number): Buffer => {
    const id = batch.presignatures[n]?.presignatureId;
    if (id === undefined) throw new Error(`there is no presignature ${n}`);
    return id;
  };

  /** The same request id is the same bytes. */
  const bytes = new Map<string, Buffer>();
  const task = (requestId: string, presignature: number, attempt = 1, change: object = {}): SignTask => {
    const content = {
      ...{ requestId, requester: 'alice', keyId: keys.list()[0]?.keyId },
      ...{ payload: { kind: 'eip191', message: '0x68656c6c6f' }, nonce: toHex(randomBytes(32)) },
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
      ...change,
    };
    const value = bytes.get(requestId) ?? Buffer.from(JSON.stringify(content));
    bytes.set(requestId, value);
    return {
      ...{ taskId: `alice/${requestId}/${attempt}`, requester: 'alice', requestId, attempt, value },
      jws: signDetached(alice.privateKey, 'alice', 'sign-request', value),
      approvals: '',
      ...{ presignatureId: idOf(presignature), sessionId: batch.sid, committee: ['node-1', 'node-2'] },
    };
  };
  afterEach(() => bytes.clear());

  const of = (requestId: string): Answer[] =>
    answers.filter((answer) => answer.requestId === requestId).sort((a, b) => a.attempt - b.attempt);
  const answered = (requestId: string, count = 1): Promise<void> =>
    waitFor(`answer ${count} to ${requestId}`, () => of(requestId).length >= count);
  const ledger = async (): Promise<number> => {
    const { rowCount } = await observer.query('SELECT FROM presignature_ledger');
    return rowCount ?? 0;
  };

  it('takes no more than it can hold, and goes on when that is done', async () => {
    const desk = newDesk();
    const large = (requestId: string) => ({ ...task(requestId, 0), value: Buffer.alloc(10 * 1024 * 1024) });
    for (const requestId of ['a', 'b', 'c']) desk.take(large(requestId));
    expect(() => desk.take(large('d'))).toThrow(/too many sign tasks wait/);
    for (const requestId of ['a', 'b', 'c']) await answered(requestId);
    expect(answers.map(({ code }) => code)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
    desk.take(task('e', 0));
    await answered('e');
    expect(of('d')).toEqual([]);
    expect(of('e').map(({ type }) => type)).toEqual(['quorate.sign.partial.v1']);
  });

  it('has what it spends in its ledger before a share leaves', async () => {
    const desk = newDesk();
    const requests = ['a', 'b', 'c', 'd'];
    requests.forEach((requestId, n) => desk.take(task(requestId, n)));
    for (const requestId of requests) await answered(requestId);
    expect(answers.map(({ type, wasInLedger }) => [type, wasInLedger])).toEqual(
      requests.map(() => ['quorate.sign.partial.v1', true]),
    );
    expect(await ledger()).toBe(4);
  });

  it('answers the others of a batch in which one cannot be signed', async () => {
    const desk = newDesk();
    desk.take(task('a', 0));
    desk.take(task('b', 1));
    desk.take(task('c', 2));
    const [, consumed] = batch.presignatures;
    if (consumed !== undefined) wipePresignature(consumed);
    for (const requestId of ['a', 'b', 'c']) await answered(requestId);
    expect(of('b')).toEqual([expect.objectContaining({ code: 'burnt', spent: true })]);
    for (const requestId of ['a', 'c'])
      expect(of(requestId)).toEqual([expect.objectContaining({ type: 'quorate.sign.partial.v1' })]);
  });

  describe('while the database is away', () => {
    it('decides nothing: what expired meanwhile is refused, by the policy of then', async () => {
      let isBack = (): void => undefined;
      const held = new Promise<void>((resolve) => (isBack = resolve));
      const desk = newDesk(pool, { hold: { whenHeld: () => held } });
      const soon = Date.now() + 200;
      desk.take(task('late', 0, 1, { expiresAt: new Date(soon).toISOString() }));
      await waitFor('its end', () => Date.now() > soon);
      isBack();
      await answered('late');
      expect(of('late')).toEqual([expect.objectContaining({ code: 'expired', spent: false })]);
    });

    it('and answers late within the commit, the request is looked at again', async () => {
      await observer.query('BEGIN');
      await observer.query('LOCK TABLE presignature_ledger IN ACCESS EXCLUSIVE MODE');
      const soon = Date.now() + 2_000;
      newDesk().take(task('late', 0, 2, { expiresAt: new Date(soon).toISOString() }));
      // It was assessed in time, and its commit looks into the ledger.
      const waiting = () => observer.query('SELECT FROM pg_locks WHERE NOT granted');
      while ((await waiting()).rowCount === 0);
      expect(Date.now()).toBeLessThan(soon);
      await waitFor('its end', () => Date.now() > soon);
      await observer.query('COMMIT');
      await answered('late');
      expect(of('late')).toEqual([expect.objectContaining({ code: 'expired', spent: false })]);
      expect(await ledger()).toBe(0);
    });
  });

  it.each([
    ['is refused by the database', `RAISE EXCEPTION 'the disk is full'`],
    ['dies with its connection', 'PERFORM pg_terminate_backend(pg_backend_pid())'],
  ])(
    'lets nothing out when the commit %s, and never uses the presignature for anything again',
    async (_, fault) => {
      const desk = newDesk();
      // Deferred: it strikes when COMMIT is under way, after all statements succeeded.
      await observer.query(`
        CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${fault.replaceAll("'", "''")}; RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER strike AFTER INSERT ON presignature_ledger DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION strike();`);
      desk.take(task('lost', 0));
      await waitFor('the failed commit', () =>
        stand.logged.some((line) => line.includes('were not answered')),
      );
      expect(pool.find(idOf(0))).toBeUndefined();
      await observer.query('DROP FUNCTION strike CASCADE');

      desk.take(task('other', 0));
      desk.take(task('lost', 0));
      desk.take(task('lost', 1, 2));
      await answered('other');
      await answered('lost', 2);
      const gone = { type: 'quorate.sign.refused.v1', code: 'unknown-presignature', spent: true };
      expect(of('other')).toEqual([expect.objectContaining(gone)]);
      expect(of('lost')).toEqual([
        expect.objectContaining({ ...gone, attempt: 1 }),
        expect.objectContaining({ type: 'quorate.sign.partial.v1', attempt: 2, wasInLedger: true }),
      ]);
      expect(await ledger()).toBe(1);
    },
  );

  describe('under a halt', () => {
    const halt = (scope: string) => ({
      ...{ kind: 'halt' as const, haltId: toHex(randomBytes(32)), scope, reason: 'drill', by: 'operator' },
    });
    const refusal = { type: 'quorate.sign.refused.v1', code: 'halted', spent: false, wasInLedger: false };

    it.each(['all', 'requester:alice'])('of %s refuses and spends nothing', async (scope) => {
      await halts.take(halt(scope));
      newDesk().take(task('stopped', 0));
      await answered('stopped');
      expect(of('stopped')).toEqual([
        expect.objectContaining({ ...refusal, reason: `signing is halted (${scope}): drill` }),
      ]);
      expect(refusals).toEqual(['alice halted']);
      expect(await ledger()).toBe(0);
      expect(pool.find(idOf(0))).toBeDefined();
    });

    it('of others signs', async () => {
      await halts.take(halt('requester:bob'));
      await halts.take(halt('key:k_other'));
      newDesk().take(task('free', 0));
      await answered('free');
      expect(of('free')).toEqual([expect.objectContaining({ type: 'quorate.sign.partial.v1' })]);
    });

    it('stops tasks that were taken before it came and wait for their commit', async () => {
      await observer.query('BEGIN');
      await observer.query('LOCK TABLE presignature_ledger IN ACCESS EXCLUSIVE MODE');
      const desk = newDesk();
      desk.take(task('late', 0, 2));
      // It was assessed, and its commit looks into the ledger.
      const waiting = () => observer.query('SELECT FROM pg_locks WHERE NOT granted');
      while ((await waiting()).rowCount === 0);
      await halts.take(halt('all'));
      await observer.query('COMMIT');
      await answered('late');
      expect(of('late')).toEqual([expect.objectContaining(refusal)]);
      expect(await ledger()).toBe(0);
    });
  });

  it('answers the same task once, also after a restart', async () => {
    const desk = newDesk();
    desk.take(task('a', 0));
    desk.take(task('a', 0));
    await answered('a');
    desk.take(task('a', 0));
    desk.take(task('b', 1));
    await answered('b');

    const restarted = newDesk(new PresignaturePool());
    restarted.take(task('a', 0));
    restarted.take(task('c', 2));
    await answered('c');
    expect(of('c')).toEqual([expect.objectContaining({ code: 'unknown-presignature' })]);
    expect(of('a')).toEqual([expect.objectContaining({ type: 'quorate.sign.partial.v1' })]);
    expect(await ledger()).toBe(2);
  });

  it('gives no second share for a request that the coordinator says is new', async () => {
    const desk = newDesk();
    desk.take(task('a', 0));
    await answered('a');
    bytes.delete('a');
    desk.take(task('a', 1));
    desk.take(task('b', 2));
    await answered('a', 2);
    await answered('b');
    const gone = { type: 'quorate.sign.refused.v1', code: 'unknown-presignature', spent: true };
    expect(of('a')[1]).toMatchObject(gone);
    // It shared the commit that failed: its presignature is gone as well, and another one serves it.
    expect(of('b')).toEqual([expect.objectContaining(gone)]);
    desk.take(task('b', 3, 2));
    await answered('b', 2);
    expect(of('b')[1]).toMatchObject({ type: 'quorate.sign.partial.v1', wasInLedger: true });
    expect(await ledger()).toBe(2);
  });

  it('spends at most three presignatures on a request, also after a restart', async () => {
    const desk = newDesk();
    for (const n of [0, 1, 2, 3]) desk.take(task('greedy', n, n + 1));
    await answered('greedy', 4);
    newDesk().take(task('greedy', 4, 5));
    await answered('greedy', 5);

    const share = { type: 'quorate.sign.partial.v1', wasInLedger: true };
    const refusal = {
      type: 'quorate.sign.refused.v1',
      code: 'spent-limit',
      spent: false,
      wasInLedger: false,
    };

    expect(of('greedy')).toEqual(
      [share, share, share, refusal, refusal].map((expected) => expect.objectContaining(expected) as unknown),
    );
    expect(await ledger()).toBe(3);
    for (const kept of [3, 4]) expect(pool.find(idOf(kept))).toBeDefined();
  });

  describe('asked without end', () => {
    const stored = async (): Promise<number> => {
      const { rowCount } = await observer.query(`SELECT FROM event WHERE type = 'quorate.policy.refused.v1'`);
      return rowCount ?? 0;
    };

    it('answers all, and stores 64 events of one request', async () => {
      const desk = newDesk();
      const expired = { expiresAt: '2020-01-01T00:00:00Z' };
      for (let attempt = 1; attempt <= 100; attempt++) desk.take(task('late', 0, attempt, expired));
      await answered('late', 100);
      expect(new Set(of('late').map(({ code }) => code))).toEqual(new Set(['expired']));
      expect(await stored()).toBe(64);
    });

    it('signs what it refused that often before', async () => {
      const desk = newDesk();
      for (let attempt = 1; attempt <= 70; attempt++)
        desk.take({ ...task('a', 0, attempt), presignatureId: randomBytes(32) });
      await answered('a', 70);
      desk.take(task('a', 0, 71));
      await answered('a', 71);
      expect(of('a').at(-1)).toMatchObject({ type: 'quorate.sign.partial.v1', wasInLedger: true });
    });

    it.each<[string, (name: string) => SignTask]>([
      ['that nobody signed', (name) => ({ ...task(name, 0), jws: 'e30..AA' })],
      ['under names that nobody gave them', (name) => ({ ...task('late', 0), requestId: name })],
    ])('answers all requests %s, and stores some events', async (_, invented) => {
      const desk = newDesk();
      const names = Array.from({ length: 300 }, (__, n) => `invented-${n}`);
      for (const name of names) desk.take(invented(name));
      for (const name of names) await answered(name);
      expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['unauthorized']));
      expect(await stored()).toBeGreaterThanOrEqual(60);
      expect(await stored()).toBeLessThan(150);
      desk.take(task('real', 0));
      await answered('real');
      expect(of('real')[0]).toMatchObject({ type: 'quorate.sign.partial.v1' });
    });
  });
});
