import { encodeClientRecord } from '@quorate/protocol';

import {
  acceptThen503,
  acceptThenNull,
  acceptThenReset,
  dropReset,
} from '../../../test/rpc-proxy/send-faults';
import { errorData, revertingCode } from './testing/contracts';
import { TestBench } from './testing/test-bench';
import { StubKey } from './testing/stub-signer';
import { until } from '../../../test/integration/until';

jest.setTimeout(120_000);

/** A string with this part. */
const containing = (part: string): unknown => expect.stringContaining(part);

describe('a submitter', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench?.stop());
  afterEach(() => {
    bench.signer.answer = () => 'sign';
    bench.signer.copies = 1;
    bench.proxy.heal();
  });

  it('turns an intent into a confirmed transaction and says so', async () => {
    const intent = bench.intent({ value: '12345', path: 'm/7/1' });
    const from = bench.key.address('m/7/1');
    await bench.fund(from);
    await bench.send(intent);
    const confirmed = await bench.outcome(intent.intentId, 'confirmed');
    expect(bench.statuses(intent.intentId)).toEqual(['queued', 'broadcast', 'confirmed']);
    expect(confirmed).toMatchObject({ from, nonce: '0', chainId: '31337', requester: 'alice' });
    const onChain = await bench.chain('eth_getTransactionByHash', confirmed.hash);
    expect(onChain).toMatchObject({ from, to: intent.to, value: '0x3039', input: '0x', type: '0x2' });
    expect(onChain).toMatchObject({ blockHash: confirmed.block?.hash });

    const { body } = await bench.get(`/v1/transactions/${intent.intentId}`);
    expect(body).toMatchObject({
      ...{
        intentId: intent.intentId,
        requester: 'alice',
        status: 'confirmed',
        nonce: '0',
        hash: confirmed.hash,
      },
      lane: { chainId: '31337', address: from },
      attempts: [{ n: 0, kind: 'payload', hash: confirmed.hash, status: 'confirmed' }],
      block: confirmed.block,
    });
    expect(body['confirmations']).toBeGreaterThanOrEqual(1);
    const { body: history } = await bench.get(`/v1/transactions/${intent.intentId}/history`);
    const types = (history['events'] as { data: { type: string } }[]).map(
      ({ data }) => data.type.split('.')[2],
    );
    expect(types.slice(0, 9)).toEqual([
      ...['requested', 'authorized', 'nonce-reserved', 'priced', 'signature-requested'],
      ...['signed', 'broadcast', 'included', 'confirmed'],
    ]);
    const { body: byHash } = await bench.get(`/v1/transactions?hash=${confirmed.hash}`);
    expect(byHash).toMatchObject({ transactions: [{ intentId: intent.intentId }], nextCursor: null });
  });

  it('gives the intents of a lane consecutive nonces, in order, and confirms all', async () => {
    const path = 'm/1';
    await bench.fund(bench.key.address(path));
    const intents = Array.from({ length: 12 }, () => bench.intent({ path }));
    for (const intent of intents) await bench.send(intent);
    const confirmed = await Promise.all(intents.map(({ intentId }) => bench.outcome(intentId, 'confirmed')));
    expect(confirmed.map(({ nonce }) => Number(nonce)).sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
    const { body } = await bench.get('/v1/lanes');
    expect(body['lanes']).toContainEqual({
      ...{ chainId: '31337', address: bench.key.address(path), nextNonce: '12' },
      ...{ status: 'active', vacantNonces: [], signing: 0, queued: 0 },
      ...{ holder: expect.any(String) as string, epoch: '1' },
      // Until their blocks are final.
      inFlight: 12,
    });
  });

  it('answers copies with the same bytes once there is an end, and refuses other bytes', async () => {
    const intent = bench.intent();
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'confirmed');
    const before = bench.outcomes.filter(({ outcome }) => outcome.intentId === intent.intentId);
    await bench.send(intent);
    await until(
      () => bench.outcomes.filter(({ outcome }) => outcome.intentId === intent.intentId).length >= 6,
    );
    const after = bench.outcomes
      .filter(({ outcome }) => outcome.intentId === intent.intentId)
      .slice(before.length);
    const facts = ({ record }: (typeof before)[number]) => [
      record.value,
      record.headers['jws'],
      record.headers['ce_id'],
    ];
    expect(after.map(facts)).toEqual(before.map(facts));

    await bench.send({ ...intent, value: '2' });
    const refused = await bench.outcome(intent.intentId, 'rejected');
    expect(refused).toMatchObject({ code: 'conflict' });
    expect(refused.intentHash).not.toBe(before[0]?.outcome.intentHash);
    expect((await bench.get(`/v1/transactions/${intent.intentId}`)).body).toMatchObject({
      status: 'confirmed',
    });
    expect(await bench.chain('eth_getBalance', intent.to, 'latest')).toBe('0x1');
  });

  it('rejects what is invalid, expired, for another chain or an unknown key, with a reason', async () => {
    const bad = { ...bench.intent(), maxCost: '-1' };
    const expired = bench.intent({ expiresAt: new Date(Date.now() - 1000).toISOString() });
    const elsewhere = bench.intent({ chainId: '1' });
    const unknown = bench.intent({ keyId: 'k_nobody' });
    for (const intent of [bad, expired, elsewhere, unknown]) await bench.send(intent);
    expect(await bench.outcome(bad.intentId, 'rejected')).toMatchObject({
      code: 'invalid',
      reason: containing('maxCost'),
    });
    expect(await bench.outcome(expired.intentId, 'rejected')).toMatchObject({ code: 'expired' });
    expect(await bench.outcome(elsewhere.intentId, 'rejected')).toMatchObject({ code: 'invalid' });
    expect(await bench.outcome(unknown.intentId, 'rejected')).toMatchObject({ code: 'unknown-key' });
    expect((await bench.get(`/v1/transactions/${unknown.intentId}`)).body).toMatchObject({
      status: 'rejected',
      lane: null,
    });
  });

  it('waits for a key whose records come later', async () => {
    const key = new StubKey();
    const intent = bench.intent({ keyId: key.keyId });
    await bench.send(intent);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bench.publishKey(key);
    expect(await bench.outcome(intent.intentId, 'queued')).toMatchObject({ from: key.address() });
  });

  it('answers amendments, and sets aside what nobody can be answered about', async () => {
    const amend = { intentId: 'amend-1', requester: 'alice', cancel: true };
    const signer = bench.identities.signer('alice');
    await bench.sendRaw(
      encodeClientRecord({ typ: 'tx-amend', data: amend, key: 'amend-1', time: new Date() }, signer),
    );
    expect(await bench.outcome('amend-1', 'rejected')).toMatchObject({
      code: 'unknown-intent',
      reason: containing('send the intent first'),
    });

    const forged = encodeClientRecord(
      { typ: 'tx-intent', data: bench.intent(), key: 'x', time: new Date() },
      bench.identities.signer('bob'),
    );
    await bench.sendRaw(forged);
    await bench.sendRaw({ key: 'nothing', value: Buffer.alloc(2_000_000, 0x5b), headers: {} });
    await until(() => bench.deadLetters.length >= 2);
    const codes = bench.deadLetters.map(({ headers }) => headers['dl_code']?.toString());
    expect(codes).toEqual(expect.arrayContaining(['requester-mismatch', 'too-large']));
    await until(() =>
      bench.events.some(
        ({ headers }) => headers['ce_type']?.toString() === 'quorate.record.dead-lettered.v1',
      ),
    );
  });

  it('reports a reverted transaction', async () => {
    const reverting = bench.intent({ gasLimit: '50000' });
    const asked = bench.signer.requests.length + 1;
    bench.signer.answer = () => 'hold';
    await bench.send(reverting);
    await until(() => bench.signer.requests.length === asked);
    // Code that was not there when the transaction was tried out.
    await bench.chain('anvil_setCode', reverting.to, revertingCode(errorData('closed')));
    await bench.signer.release();
    expect(await bench.outcome(reverting.intentId, 'reverted')).toMatchObject({
      hash: containing('0x'),
      reason: containing('says: execution reverted: closed'),
    });
  });

  it('waits while its ceiling is below the base fee, and gives up at its expiry', async () => {
    const cheap = bench.intent({ maxFeePerGas: '1', expiresAt: new Date(Date.now() + 3000).toISOString() });
    const normal = bench.intent();
    await bench.send(cheap);
    await bench.send(normal);
    await bench.outcome(normal.intentId, 'confirmed');
    expect(await bench.outcome(cheap.intentId, 'failed')).toMatchObject({
      code: 'expired',
      reason: containing('that the chain asks'),
    });
  });

  it('gives the nonce of a refused transaction to the next', async () => {
    const path = 'm/2';
    await bench.fund(bench.key.address(path));
    const [refused, next] = [bench.intent({ path }), bench.intent({ path })];
    bench.signer.answer = (_, seen) => (seen === first ? { reject: 'policy' } : 'sign');
    const first = bench.signer.requests.length + 1;
    await bench.send(refused);
    expect(await bench.outcome(refused.intentId, 'failed')).toMatchObject({ code: 'policy' });
    await bench.send(next);
    expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '0' });
  });

  it('asks again with the same transaction after a temporary refusal', async () => {
    const path = 'm/3';
    await bench.fund(bench.key.address(path));
    const before = bench.signer.requests.length;
    bench.signer.answer = (_, seen) =>
      seen <= before + 2 ? { reject: 'no-quorum', mayBeSigned: true } : 'sign';
    const intent = bench.intent({ path });
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'confirmed');
    const requests = bench.signer.requests.slice(before);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(3);
    expect(new Set(requests.map(({ payload }) => JSON.stringify(payload))).size).toBe(1);
  });

  it('passes on the approvals of an intent with every request, and nothing else of their header', async () => {
    const path = 'm/5';
    await bench.fund(bench.key.address(path));
    const before = bench.signer.requests.length;
    bench.signer.answer = (_, seen) =>
      seen === before + 1 ? { reject: 'no-quorum', mayBeSigned: true } : 'sign';
    const intent = bench.intent({ path });
    const approvals = ['YWxpY2U..Ym9i', 'Y2Fyb2w..ZGF2ZQ'];
    await bench.send(intent, [...approvals, 'no signature']);
    await bench.outcome(intent.intentId, 'confirmed');
    const payloads = bench.signer.requests.slice(before).map(({ payload }) => payload);
    expect(payloads).toMatchObject([{ approvals }, { approvals }]);
  });

  it('ignores copies of an answer, and an answer that is signed by another key', async () => {
    bench.signer.copies = 3;
    const intent = bench.intent();
    await bench.send(intent);
    await bench.outcome(intent.intentId, 'confirmed');
    expect(bench.statuses(intent.intentId)).toEqual(['queued', 'broadcast', 'confirmed']);

    bench.signer.copies = 1;
    bench.signer.answer = () => 'wrong-key';
    const path = 'm/4';
    const lied = bench.intent({ path });
    await bench.fund(bench.key.address(path));
    await bench.send(lied);
    await until(() =>
      bench.deadLetters.some(({ headers }) => headers['dl_code']?.toString() === 'wrong-signature'),
    );
    expect((await bench.get(`/v1/transactions/${lied.intentId}`)).body).toMatchObject({
      status: 'signing',
      hash: null,
    });
  });

  it('writes next to nothing for answers to others, and moves on', async () => {
    await until(async () => (await bench.unreadAnswers()) === 0);
    await bench.query(`
      CREATE TABLE inbox_move (n serial);
      CREATE FUNCTION note_inbox_move() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO inbox_move DEFAULT VALUES; RETURN NULL; END';
      CREATE TRIGGER note_inbox_move AFTER INSERT ON inbox EXECUTE FUNCTION note_inbox_move();`);
    const began = Date.now();
    for (let n = 0; n < 200; n += 1) await bench.signer.answerOther('alice');
    await until(async () => (await bench.unreadAnswers()) === 0);
    const seconds = (Date.now() - began) / 1000;
    const moves = (await bench.query('SELECT FROM inbox_move')).length;
    await bench.query('DROP FUNCTION note_inbox_move CASCADE; DROP TABLE inbox_move');
    expect(moves).toBeGreaterThan(0);
    expect(moves).toBeLessThan(seconds + 2);
  });

  it.each([acceptThenReset, acceptThen503, acceptThenNull, dropReset])(
    'sends the same bytes again after $name',
    async (fault) => {
      const path = `m/5/${fault.name.length}`;
      await bench.fund(bench.key.address(path));
      bench.proxy.failSends(fault);
      const before = bench.proxy.sent.length;
      const intent = bench.intent({ path });
      await bench.send(intent);
      await until(() => bench.proxy.sent.length > before);
      bench.proxy.heal();
      const { hash } = await bench.outcome(intent.intentId, 'confirmed');
      expect(new Set(bench.proxy.sent.slice(before)).size).toBe(1);
      const { body } = await bench.get(`/v1/transactions/${intent.intentId}`);
      expect(body).toMatchObject({ hash, attempts: [{ n: 0 }] });
    },
  );

  it('sends the same bytes again when the chain lost them', async () => {
    const path = 'm/6';
    await bench.fund(bench.key.address(path));
    const intent = bench.intent({ path, confirmations: 3 });
    await bench.send(intent);
    const { hash } = await bench.outcome(intent.intentId, 'broadcast');
    await until(
      async () => (await bench.get(`/v1/transactions/${intent.intentId}`)).body['status'] === 'included',
    );
    await bench.chain('anvil_reorg', 2, []);
    // The money came in one of the blocks that are gone.
    await bench.fund(bench.key.address(path));
    expect(await bench.outcome(intent.intentId, 'confirmed')).toMatchObject({ hash });
    const { body } = await bench.get(`/v1/transactions/${intent.intentId}/history`);
    const types = (body['events'] as { data: { type: string } }[]).map(({ data }) => data.type);
    expect(types).toContain('quorate.tx.reorged.v1');
  });

  it('tells intents of different requesters apart', async () => {
    const intent = bench.intent();
    await bench.send(intent);
    await bench.send({ ...intent, requester: 'bob' });
    await until(async () => (await bench.get(`/v1/transactions/${intent.intentId}`)).status === 300);
    const { body } = await bench.get(`/v1/transactions/${intent.intentId}?requester=bob`);
    expect(body).toMatchObject({ requester: 'bob' });
  });

  it('describes its API', async () => {
    const { body } = await bench.get('/openapi.json');
    expect(Object.keys(body['paths'] as object)).toContain('/v1/transactions/{intentId}');
    expect(await (await fetch(`${bench.submitter.url}/docs`)).text()).toContain('GET /v1/lanes');
  });

  it('answers wrong queries with problem documents', async () => {
    expect(await bench.get('/v1/transactions/nobody')).toMatchObject({
      status: 404,
      body: { type: 'urn:quorate:problem:not-found' },
    });
    expect(await bench.get('/v1/transactions?status=lost')).toMatchObject({
      status: 400,
      body: { parameter: 'status' },
    });
    expect(await bench.get('/v1/transactions?color=red')).toMatchObject({ status: 400 });
  });
});
