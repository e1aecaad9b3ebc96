import { setTimeout as delay } from 'node:timers/promises';
import { type Ed25519Jwk, Invalid, Unavailable } from '@quorate/platform';
import { keyLookup, type TxOutcomeInput } from '@quorate/protocol';
import { QuorateClient, type TrustedKeys } from './quorate-client';
import { completedFinal, FakeInstallation, hex32, testKey, testService } from './testing/fake-installation';

const alice = testService('alice');
const request = { keyId: 'k_7f3a', payload: { kind: 'eip191', message: '0x68656c6c6f' } } as const;
const intent = {
  keyId: 'k_7f3a',
  chainId: '31337',
  to: `0x${'11'.repeat(20)}`,
  value: '1',
  maxFeePerGas: '100',
  maxCost: '1000000',
};

let installation: FakeInstallation;
let client: QuorateClient;

async function start(
  onRequest: (value: Buffer) => Promise<void>,
  trustSubmitters = true,
  coordinators: (key: Ed25519Jwk) => TrustedKeys = (key) => ({ 'coordinator-1': key }),
): Promise<void> {
  installation = new FakeInstallation();
  await installation.start(onRequest);
  client = await QuorateClient.connect({
    brokers: [],
    log: installation.log,
    requester: { kid: 'alice', privateKey: alice.privateKey },
    trust: {
      coordinators: coordinators(installation.coordinator.jwk),
      ...(trustSubmitters ? { submitters: { submitter: installation.submitter.jwk } } : {}),
    },
  });
}

const answer = (value: Buffer) => installation.publishFinal(completedFinal(value));

afterEach(async () => {
  await client.close();
});

describe('sign requests', () => {
  test('the final comes back verified', async () => {
    await start(answer);
    const { data, jws, value } = await client.signRequest(request, { key: testKey });
    expect(data).toMatchObject({ type: 'quorate.sign.completed.v1', keyId: 'k_7f3a', requester: 'alice' });
    const prepared = client.prepareSignRequest(request);
    expect(() => client.verifyFinal({ jws, value }, prepared)).toThrow(/another requestId/);
  });

  test('answers count under each key of a coordinator that is getting another one', async () => {
    await start(answer, true, (key) => ({ 'coordinator-1': [testService('coordinator-1').jwk, key] }));
    const { data } = await client.signRequest(request, { key: testKey });
    expect(data.type).toBe('quorate.sign.completed.v1');
  });

  test('who is trusted may follow a file', async () => {
    let isKnown = false;
    await start(
      answer,
      true,
      (key) => (kid) => (isKnown ? keyLookup({ 'coordinator-1': key })(kid) : undefined),
    );
    const prepared = client.prepareSignRequest(request);
    await client.produce(prepared);
    await expect(client.awaitFinal(prepared, { timeoutMs: 50 })).rejects.toThrow(
      /no final for request.*not believed: no key is known for kid "coordinator-1".*`trust`/,
    );
    isKnown = true;
    await client.produce(prepared);
    expect((await client.awaitFinal(prepared)).data.type).toBe('quorate.sign.completed.v1');
  });

  test('many at a time each get their own', async () => {
    await start(answer);
    const ids = Array.from({ length: 50 }, (_, i) => `order-${i}`);
    const answers = await Promise.all(ids.map((requestId) => client.signRequest({ ...request, requestId })));
    expect(answers.map(({ data }) => data.requestId)).toEqual(ids);
  });

  test('the same record again has the same bytes, and one answer', async () => {
    await start(answer);
    const prepared = client.prepareSignRequest(request);
    await client.produce(prepared);
    const first = await client.awaitFinal(prepared);
    await client.produce(prepared);
    await delay(20);
    expect((await client.awaitFinal(prepared)).value).toEqual(first.value);
    expect(installation.requests).toEqual([prepared.record.value, prepared.record.value]);
  });

  test('a final that is already there when it is awaited is not missed', async () => {
    await start(answer);
    const prepared = client.prepareSignRequest(request);
    await client.produce(prepared);
    await delay(50);
    await expect(client.awaitFinal(prepared, { timeoutMs: 1000 })).resolves.toBeDefined();
  });

  test('forged finals, and finals of other bytes, are passed over', async () => {
    const mallory = testService('coordinator-1');
    await start(async (value) => {
      await installation.publishFinal(completedFinal(value, { id: 'forged' }), mallory);
      await installation.publishFinal(completedFinal(value, { id: 'bob', requester: 'bob' }));
      await installation.publishFinal(completedFinal(value, { id: 'other', requestHash: hex32(1n) }));
      await installation.publishFinal(completedFinal(value, { id: 'right' }));
    });
    expect((await client.signRequest(request)).data.id).toBe('right');
  });

  test('a final of a coordinator that lies about the signature is refused', async () => {
    await start((value) => installation.publishFinal(completedFinal(value, { digest: hex32(1n) })));
    await expect(client.signRequest(request)).rejects.toThrow(Invalid);
  });

  test('a wrong request is refused before it is sent, naming each field', async () => {
    await start(answer);
    const sent = client.signRequest({ ...request, path: "m/44'", nonce: '0x' });
    await expect(sent).rejects.toThrow(/path: must not have hardened steps.*nonce: must be exactly 32 bytes/);
    expect(installation.requests).toEqual([]);
  });

  test('no answer in time is Unavailable, and says what to do', async () => {
    await start(async () => undefined);
    const sent = client.signRequest(request, { timeoutMs: 30 });
    await expect(sent).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'timeout',
      message: expect.stringContaining('produce the same record again') as unknown,
    });
  });

  test('closing ends all waiting', async () => {
    await start(async () => undefined);
    const sent = client.signRequest(request);
    const refused = expect(sent).rejects.toThrow(new Unavailable('closed', 'the client was closed'));
    await delay(10);
    await client.close();
    await refused;
  });
});

describe('intents', () => {
  const outcome = (hash: string, id: string, changes: Partial<TxOutcomeInput>): TxOutcomeInput => ({
    type: 'quorate.tx.accepted.v1',
    id,
    requester: 'alice',
    intentId: 'payout-77',
    intentHash: hash,
    status: 'queued',
    at: '2026-12-01T12:00:00Z',
    ...changes,
  });

  test('the outcome that was waited for, and not an earlier one', async () => {
    await start(answer);
    const sent = await client.send({ ...intent, intentId: 'payout-77' });
    await installation.publishOutcome(outcome(sent.hash, 'o-1', {}));
    await installation.publishOutcome(
      outcome(sent.hash, 'o-2', { type: 'quorate.tx.broadcast.v1', status: 'broadcast' }),
    );
    await installation.publishOutcome(
      outcome(sent.hash, 'o-3', { type: 'quorate.tx.confirmed.v1', status: 'confirmed' }),
    );
    expect((await client.awaitOutcome(sent, 'confirmed')).data.id).toBe('o-3');
    expect((await client.awaitOutcome(sent, 'accepted')).data.id).toBe('o-1');
    await expect(client.awaitOutcome(sent, 'finalized', { timeoutMs: 20 })).rejects.toThrow(
      /"finalized" of intent payout-77.* Its last outcome: confirmed$/,
    );
  });

  test('who waits in vain hears what it waits for', async () => {
    await start(answer);
    const sent = await client.send({ ...intent, intentId: 'payout-77' });
    const accepted = client.awaitOutcome(sent, 'accepted');
    await installation.publishOutcome(outcome(sent.hash, 'o-1', {}));
    await accepted;
    const parked = { status: 'parked', code: 'funds', reason: 'the account has 0 wei' } as const;
    const waiting = client.awaitOutcome(sent, 'confirmed', { timeoutMs: 100 });
    await installation.publishOutcome(outcome(sent.hash, 'o-2', { type: 'quorate.tx.parked.v1', ...parked }));
    await expect(waiting).rejects.toThrow(/ Its last outcome: parked \(funds: the account has 0 wei\)$/);
  });

  test('an amendment has an outcome of its own', async () => {
    await start(answer);
    const sent = await client.amend('payout-77', { maxCost: '7', cancel: true });
    expect(JSON.parse(sent.record.value.toString())).toEqual({
      ...{ intentId: 'payout-77', requester: 'alice', maxCost: '7', cancel: true },
    });
    await installation.publishOutcome(outcome(sent.hash, 'o-1', {}));
    expect((await client.awaitOutcome(sent, 'accepted')).data.id).toBe('o-1');
    await expect(client.amend('payout-77', {})).rejects.toThrow(/must change something/);
  });

  test('an intent that ended otherwise is not waited for', async () => {
    await start(answer);
    const sent = await client.send({ ...intent, intentId: 'payout-77' });
    await installation.publishOutcome(
      outcome(sent.hash, 'o-1', { type: 'quorate.tx.rejected.v1', status: 'rejected', code: 'conflict' }),
    );
    expect((await client.awaitOutcome(sent, 'confirmed')).data).toMatchObject({
      type: 'quorate.tx.rejected.v1',
      code: 'conflict',
    });
  });

  test('outcomes of strangers do not count', async () => {
    await start(answer);
    const sent = await client.send({ ...intent, intentId: 'payout-77' });
    await installation.publishOutcome(outcome(sent.hash, 'o-1', {}), testService('submitter'));
    await expect(client.awaitOutcome(sent, 'accepted', { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('the signature of "submitter" does not match') as unknown,
    });
  });

  test('without keys of submitters there is nothing to wait for', async () => {
    await start(answer, false);
    const sent = await client.send(intent);
    await expect(client.awaitOutcome(sent, 'accepted')).rejects.toMatchObject({
      kind: 'invalid',
      code: 'trust',
    });
  });
});
