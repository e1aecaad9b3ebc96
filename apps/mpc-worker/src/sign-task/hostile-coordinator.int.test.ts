import { createPublicKey, randomBytes } from 'node:crypto';
import { DurableHalts } from '@quorate/halts';
import { addressOf } from '@quorate/evm';
import { type LogProducer } from '@quorate/messaging';
import { streams } from '@quorate/protocol';
import { keyIdText } from '../key-share/held-key';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import {
  DESTINATION,
  intentPayload,
  intentValue,
  type Person,
  person,
  policyFor,
  requestValue,
  signedBy,
  submitterEntry,
  taskFor,
  unsignedTransfer,
} from '../testing/signed-tasks';
import { generateKey, presign, testNodes } from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { type SignTask } from './assess';
import { SignDesk } from './sign-desk';

jest.setTimeout(60_000);

const PRESIGNATURES = 48;
const MINUTE = 60_000;

/**
 * Coordinator and submitter are in one hostile hand: they hold every record that clients signed, and ask one node for whatever
 * they like. Each attempt gets nothing beyond the node's policy.
 */
describe('a hostile coordinator', () => {
  const nodes = testNodes(2);
  const [alice, bob, carol, dave] = [person('alice'), person('bob'), person('carol'), person('dave')];
  const submitter = person('submitter');
  const now = new Date();
  let stand: NodeStand;
  let desk: SignDesk;
  let keyId: string;
  let sender: string;
  let answers: Map<string, string>;
  let presignatures: { id: Buffer; session: Buffer }[];

  beforeAll(async () => {
    const key = generateKey(nodes, 2);
    const [node] = nodes;
    const share = key.shares.get(1);
    const batch = presign(key, nodes, PRESIGNATURES).get(1);
    if (node === undefined || share === undefined || batch === undefined)
      throw new Error('node-1 has no part');
    keyId = keyIdText(share.keyId);
    sender = addressOf(share.publicKey);
    presignatures = batch.presignatures.map(({ presignatureId }) => ({
      id: presignatureId,
      session: batch.sid,
    }));
    const limits = { value: { windows: [{ period: '24h', max: '100' }] } };
    const approvals = (...approvers: Person[]) => ({
      approvals: { required: 1, approvers: approvers.map(({ kid, publicKey }) => ({ kid, publicKey })) },
    });
    const client = ({ kid, publicKey }: Person, change: object) => ({
      ...{ kid, publicKey, role: 'client', keys: ['*'], paths: ['*'], chains: ['31337'] },
      ...{ payloadKinds: ['eip191', 'evm-transaction', 'evm-intent'], ...change },
    });
    const policy = policyFor(
      alice,
      {},
      client(bob, { transactions: { 31337: limits } }),
      client(carol, approvals(bob, dave)),
      submitterEntry(submitter, { cancel: { maxFeePerGas: '50', gasLimit: '21000', perHour: 2 } }),
    );
    stand = await openNodeStand(node, nodes, createPublicKey(alice.privateKey), policy);
    const keys = stand.newKeyRing();
    await keys.activate(share, randomBytes(32), () => undefined);
    const pool = new PresignaturePool();
    pool.add(batch, {
      ...{ keyId, epoch: 0, committeeIndices: batch.committee },
      ...{ committee: ['node-1', 'node-2'], bootIds: new Map() },
    });
    answers = new Map();
    await stand.store.startDispatcher(observed);
    const { store, hold, policy: source, logger } = stand;
    desk = new SignDesk({
      ...{ identity: node.identity, store, hold, keys, pool, policy: source, logger },
      halts: new DurableHalts(streams.halts(node.identity.nodeId), store),
      onRefused: () => undefined,
      onSpent: () => undefined,
    });
  });
  afterAll(() => stand.close());

  /** What the node said about each presignature: the rule or code of a refusal, or `signed`. */
  const observed: LogProducer = {
    send: async (records) => {
      for (const { topic, value } of records) {
        if (topic !== 'mpc.partials' || value === null) continue;
        const { presignatureId, rule, code } = JSON.parse(value.toString()) as Record<string, string>;
        answers.set(String(presignatureId), rule ?? code ?? 'signed');
      }
    },
    close: async () => undefined,
  };

  /** A task with a presignature of its own. */
  const task = (requester: Person, value: Buffer, lies: Partial<SignTask> = {}): SignTask => {
    const presignature = presignatures.pop();
    if (presignature === undefined) throw new Error('more presignatures are needed');
    return taskFor(requester, value, {
      ...{ presignatureId: presignature.id, sessionId: presignature.session },
      ...lies,
    });
  };
  /** Hands the tasks over at once, and waits for what the node says to each. */
  const ask = async (...tasks: SignTask[]): Promise<string[]> => {
    const ids = tasks.map(({ presignatureId }) => `0x${presignatureId.toString('hex')}`);
    for (const one of tasks) desk.take(one);
    await waitFor('the answers of the node', () => ids.every((id) => answers.has(id)));
    return ids.map((id) => answers.get(id) ?? '');
  };

  let count = 0;
  const fresh = (name: string): string => `${name}-${count++}`;
  const request = (client: Person, change: object = {}, at = now): Buffer =>
    requestValue(client, at, { requestId: fresh('order'), keyId, ...change });
  const transfer = (client: Person, change: Parameters<typeof unsignedTransfer>[0]): Buffer =>
    request(client, { payload: { kind: 'evm-transaction', unsigned: unsignedTransfer(change) } });
  const intent = (client: Person, change: object = {}, at = now): Buffer =>
    intentValue(client, at, { intentId: fresh('payout'), keyId, ...change });
  /** The submitter's request for a transaction that is to fulfil an intent. */
  const fulfil = (client: Person, value: Buffer, change: Parameters<typeof unsignedTransfer>[0]): Buffer =>
    request(submitter, { payload: intentPayload(client, value, unsignedTransfer(change)) });
  const cancel = (change: Parameters<typeof unsignedTransfer>[0]): Buffer =>
    request(submitter, {
      payload: { kind: 'evm-cancel', unsigned: unsignedTransfer({ to: sender, value: 0n, ...change }) },
    });

  it('gets a share of what a client asked for', async () => {
    expect(await ask(task(alice, request(alice)))).toEqual(['signed']);
  });

  it('cannot keep a request for later', async () => {
    const held = request(alice, {}, new Date(now.getTime() - 10 * MINUTE));
    expect(await ask(task(alice, held))).toEqual(['expired']);
    const heldIntent = intent(alice, {}, new Date(now.getTime() - 10 * MINUTE));
    expect(await ask(task(submitter, fulfil(alice, heldIntent, { nonce: 100 })))).toEqual(['expired']);
  });

  it('cannot change what the client signed, or who is said to ask', async () => {
    const value = request(alice);
    const jws = signedBy(alice, 'sign-request', value);
    const altered = Buffer.from(value.toString().replace('0x68656c6c6f', '0x68656c6c70'));
    expect(await ask(task(alice, altered, { jws }))).toEqual(['unauthorized']);
    expect(await ask(task(alice, value, { requester: 'bob' }))).toEqual(['unauthorized']);
    expect(await ask(task(submitter, value))).toEqual(['unauthorized']);
    expect(await ask(task(alice, request(alice), { jws }))).toEqual(['unauthorized']);
  });

  it('cannot make another transaction out of an intent', async () => {
    const value = intent(alice);
    const change = (change: Parameters<typeof unsignedTransfer>[0]) =>
      task(submitter, fulfil(alice, value, { nonce: 110, ...change }));
    expect(
      await ask(
        change({ to: sender }),
        change({ value: 4n }),
        change({ data: '0x00' }),
        change({ maxFeePerGas: 101n }),
      ),
    ).toEqual(['intent-destination', 'intent-value', 'intent-data', 'intent-fee']);
    const forged = fulfil({ ...dave, kid: 'alice' }, value, { nonce: 110 });
    expect(await ask(task(submitter, forged))).toEqual(['unauthorized']);
    expect(await ask(task(submitter, request(submitter)))).toEqual(['payload-kind']);
  });

  it('gets one intent signed at one nonce only, asked at once or later', async () => {
    const value = intent(alice);
    const at = (nonce: number, maxFeePerGas = 9n) =>
      task(submitter, fulfil(alice, value, { nonce, maxFeePerGas }));
    expect(await ask(at(120), at(121), at(120, 50n))).toEqual(['signed', 'intent-bound', 'signed']);
    expect(await ask(at(122), at(120, 99n))).toEqual(['intent-bound', 'signed']);
  });

  it('gets one payload signed at one nonce only, whoever asked for the other', async () => {
    expect(await ask(task(alice, transfer(alice, { nonce: 130 })))).toEqual(['signed']);
    const other = intent(alice, { value: '4' });
    expect(
      await ask(
        task(submitter, fulfil(alice, other, { nonce: 130, value: 4n })),
        task(alice, transfer(alice, { nonce: 130, value: 4n })),
        task(alice, transfer(alice, { nonce: 130, maxFeePerGas: 20n })),
      ),
    ).toEqual(['nonce-bound', 'nonce-bound', 'signed']);
  });

  it('gets no more out of a window by asking for everything at once, or by trying again', async () => {
    const pay = (nonce: number, value: bigint) => transfer(bob, { nonce, value });
    expect(
      await ask(
        task(bob, pay(140, 60n)),
        task(bob, pay(141, 41n)),
        task(bob, pay(142, 40n)),
        task(bob, pay(143, 1n)),
      ),
    ).toEqual(['signed', 'value-window', 'signed', 'value-window']);
    const more = intent(bob, { value: '1' });
    expect(await ask(task(submitter, fulfil(bob, more, { nonce: 144, value: 1n })))).toEqual([
      'value-window',
    ]);
  });

  it('spends three presignatures on a request, and no more', async () => {
    const value = request(alice);
    const attempts = [1, 2, 3, 4].map((attempt) => task(alice, value, { attempt }));
    expect(await ask(...attempts)).toEqual(['signed', 'signed', 'signed', 'spent-limit']);
  });

  it('cannot use an approval for another request, or make one', async () => {
    const [approved, other] = [request(carol), request(carol)];
    const approval = signedBy(dave, 'approval', approved);
    const own = signedBy(carol, 'approval', other);
    const forged = signedBy({ ...submitter, kid: 'dave' }, 'approval', other);
    expect(
      await ask(
        task(carol, other, { approvals: approval }),
        task(carol, other, { approvals: `${own},${own}` }),
        task(carol, other, { approvals: forged }),
        task(carol, approved, { approvals: `${forged},${approval}` }),
      ),
    ).toEqual(['approvals', 'approvals', 'approvals', 'signed']);
  });

  it('cancels at its own sender only, and a few times an hour', async () => {
    expect(await ask(task(alice, transfer(alice, { nonce: 150 })))).toEqual(['signed']);
    expect(
      await ask(
        task(submitter, cancel({ nonce: 150, to: DESTINATION })),
        task(submitter, cancel({ nonce: 150, value: 1n })),
        task(submitter, cancel({ nonce: 150, maxFeePerGas: 51n })),
        task(submitter, cancel({ nonce: 150 })),
        task(submitter, cancel({ nonce: 151 })),
        task(submitter, cancel({ nonce: 152 })),
      ),
    ).toEqual(['cancel-destination', 'cancel-value', 'cancel-fee', 'signed', 'signed', 'cancel-per-hour']);
    expect(await ask(task(alice, transfer(alice, { nonce: 150, value: 4n })))).toEqual(['nonce-bound']);
  });
});
