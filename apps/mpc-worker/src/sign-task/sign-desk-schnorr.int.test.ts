import { createPublicKey, randomBytes } from 'node:crypto';
import { DurableHalts } from '@quorate/halts';
import { type LogProducer } from '@quorate/messaging';
import { fromHex, type SignPartial, streams } from '@quorate/protocol';
import {
  combineFrostShares,
  decodeNonceBatch,
  encodeNonceBatch,
  type FrostRequest,
  frostShare,
  isNonceConsumed,
  type Nonce,
  type NonceBatch,
  verifySchnorrSignature,
} from '@quorate/threshold';
import { Client } from 'pg';
import { keyIdText } from '../key-share/key-epoch';
import { type KeyRing } from '../key-share/key-ring';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { generateSchnorrKey, prepareNonces, type SchnorrShares } from '../testing/schnorr-keys';
import { person, requestValue, taskFor } from '../testing/signed-tasks';
import { testNodes } from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { type SignTask } from './assess';
import { SignDesk } from './sign-desk';

jest.setTimeout(60_000);

const MESSAGE = Buffer.from('a message of any length');

type Answer = SignPartial & { code?: string; spent?: boolean };

describe.each([3, 4] as const)('a node that signs with a Schnorr key, suite %i', (suite) => {
  const nodes = testNodes(3);
  const committee = nodes.slice(0, 2);
  const alice = person('alice');
  let shares: SchnorrShares;
  let stand: NodeStand;
  let keys: KeyRing;
  let batches: Map<number, NonceBatch>;
  let pool: PresignaturePool;
  let observer: Client;
  let answers: Answer[];

  beforeAll(() => {
    shares = generateSchnorrKey(nodes, 2, suite);
  });
  beforeEach(async () => {
    batches = prepareNonces(shares, committee, 4);
    answers = [];
    stand = await openNodeStand(the(nodes[0]), nodes, createPublicKey(alice.privateKey));
    observer = new Client({ connectionString: stand.url });
    await observer.connect();
    await stand.store.startDispatcher(collected);
    keys = stand.newKeyRing();
    await keys.activate(the(shares.get(1)), randomBytes(32), () => undefined);
    pool = poolOf(ownBatch());
  });
  afterEach(async () => {
    await observer.end();
    await stand.close();
  });

  const collected: LogProducer = {
    send: async (records) => {
      for (const { topic, value } of records) {
        if (topic === 'mpc.partials' && value !== null) answers.push(JSON.parse(value.toString()) as Answer);
      }
    },
    close: async () => undefined,
  };

  const ownBatch = (): NonceBatch => the(batches.get(1));
  const nonce = (p: number, index = 1): Nonce => the(the(batches.get(index)).nonces[p]);
  /** What a copy of the memory would hold. */
  const copyOf = (batch: NonceBatch): NonceBatch => decodeNonceBatch(encodeNonceBatch(batch));

  const poolOf = (batch: NonceBatch): PresignaturePool => {
    const stock = new PresignaturePool();
    stock.add(batch, {
      ...{ keyId: keyIdText(batch.keyId), epoch: batch.epoch, committeeIndices: batch.committee },
      ...{ committee: ['node-1', 'node-2'], bootIds: new Map() },
    });
    return stock;
  };

  const newDesk = (stock = pool): SignDesk => {
    const { identity } = the(nodes[0]);
    const { store, hold, policy, logger } = stand;
    return new SignDesk({
      ...{ identity, store, hold, keys, pool: stock, policy, logger },
      halts: new DurableHalts(streams.halts(identity.nodeId), store),
      onRefused: () => undefined,
      onSpent: () => undefined,
    });
  };

  /** The same request id is the same bytes. */
  const values = new Map<string, Buffer>();
  const task = (requestId: string, p: number, change: object = {}): SignTask => {
    const keyId = keyIdText(ownBatch().keyId);
    const payload = { kind: 'bytes', message: `0x${MESSAGE.toString('hex')}` };
    const value =
      values.get(requestId) ?? requestValue(alice, new Date(), { requestId, keyId, payload, ...change });
    values.set(requestId, value);
    return taskFor(alice, value, { presignatureId: nonce(p).nonceId, attempt: p + 1 });
  };
  afterEach(() => values.clear());

  const of = (requestId: string): Answer[] => answers.filter((answer) => answer.requestId === requestId);
  const answered = (requestId: string, count = 1): Promise<void> =>
    waitFor(`answer ${count} to ${requestId}`, () => of(requestId).length >= count);
  const ledger = async (): Promise<unknown[]> => {
    const { rows } = await observer.query<Record<string, unknown>>(
      'SELECT presignature_id, nonce_point FROM presignature_ledger ORDER BY spent_at',
    );
    return rows;
  };

  it('gives a share that makes a signature with those of the others', async () => {
    const commitments = nonce(0);
    newDesk().take(task('a', 0));
    await answered('a');
    const [answer] = of('a');
    expect(answer).not.toHaveProperty('digest');
    expect(answer).not.toHaveProperty('u');
    const { publicKey, publicShares } = the(shares.get(1));
    const request: FrostRequest = { message: MESSAGE, publicKey, tweak: { kind: 'none' }, committee: [1, 2] };
    const { req = '', z = '0x', presignatureId = '' } = answer ?? {};
    const own = { nonceId: fromHex(presignatureId), req: fromHex(req), z: fromHex(z) };
    const signature = combineFrostShares({
      ...{ nonce: commitments, request, publicShares },
      shares: new Map([
        [1, own],
        [2, frostShare(nonce(0, 2), the(shares.get(2)), request)],
      ]),
    });
    expect(verifySchnorrSignature(suite, signature.signature, MESSAGE, signature.publicKey)).toBe(true);
    const { hiding } = the(commitments.commitments.get(1));
    expect(await ledger()).toEqual([{ presignature_id: commitments.nonceId, nonce_point: hiding }]);
    expect(isNonceConsumed(commitments)).toBe(true);
  });

  it('uses a nonce once: not for another request, not after a restart', async () => {
    const desk = newDesk();
    desk.take(task('a', 0));
    await answered('a');
    desk.take(task('b', 0));
    await answered('b');
    newDesk(new PresignaturePool()).take(task('c', 0));
    await answered('c');
    const gone = { type: 'quorate.sign.refused.v1', code: 'unknown-presignature', spent: true };
    for (const other of ['b', 'c']) expect(of(other)).toEqual([expect.objectContaining(gone)]);
    expect(await ledger()).toHaveLength(1);
  });

  it('a copy of the memory signs nothing again: the ledger knows nonce id and commitment', async () => {
    const cloned = poolOf(copyOf(ownBatch()));
    newDesk().take(task('a', 0));
    await answered('a');
    newDesk(cloned).take(task('b', 0));
    await waitFor('the failed commit', () => stand.logged.some((line) => line.includes('were not answered')));
    expect(of('b')).toEqual([]);
    expect(await ledger()).toHaveLength(1);
  });

  it('the same commitment under another nonce id is a clone, too', async () => {
    const original = copyOf(ownBatch());
    newDesk().take(task('a', 0));
    await answered('a');
    const sid = randomBytes(32);
    const renamed = { ...original, sid, nonces: original.nonces.map((it) => ({ ...it, nonceId: sid })) };
    const cloned = poolOf({ ...renamed, nonces: renamed.nonces.slice(0, 1) });
    newDesk(cloned).take({ ...task('b', 0), presignatureId: sid });
    await waitFor('the failed commit', () => stand.logged.some((line) => line.includes('were not answered')));
    expect(of('b')).toEqual([]);
    expect(await ledger()).toHaveLength(1);
  });

  it('spends at most three nonces on a request', async () => {
    const desk = newDesk();
    for (const p of [0, 1, 2, 3]) desk.take(task('greedy', p));
    await answered('greedy', 4);
    expect(of('greedy').map(({ type, code }) => code ?? type)).toEqual([
      ...Array<string>(3).fill('quorate.sign.partial.v1'),
      'spent-limit',
    ]);
    expect(await ledger()).toHaveLength(3);
    expect(isNonceConsumed(nonce(3))).toBe(false);
  });

  it.each([
    ['a personal message', { payload: { kind: 'eip191', message: '0x00' } }, /use bytes/],
    ['a child key', { path: 'm/0' }, /path: must be absent/],
  ])('refuses %s, and keeps the nonce', async (_, change, reason) => {
    newDesk().take(task('odd', 0, change));
    await answered('odd');
    const refusal = { code: 'invalid', spent: false, reason: expect.stringMatching(reason) as unknown };
    expect(of('odd')).toEqual([expect.objectContaining(refusal)]);
    expect(await ledger()).toEqual([]);
    expect(pool.find(nonce(0).nonceId)).toBeDefined();
  });

  it('wipes the nonces of a batch that is discarded', () => {
    pool.discard(() => true);
    for (const p of [0, 1, 2, 3]) expect(isNonceConsumed(nonce(p))).toBe(true);
    expect(pool.find(nonce(0).nonceId)).toBeUndefined();
  });
});

function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
