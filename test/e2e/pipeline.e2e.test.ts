import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  computeAddress,
  concat,
  dataSlice,
  encodeBase58,
  hashMessage,
  HDNodeWallet,
  JsonRpcProvider,
  recoverAddress,
  sha256,
  Transaction,
  TypedDataEncoder,
} from 'ethers';
import { callApi, ForeignClient, type Received, sha256Hex } from './foreign-client';
import { killProcess, readStack } from './running-stack';

interface Completed {
  type: string;
  requester: string;
  requestId: string;
  requestHash: string;
  keyId: string;
  path?: string;
  digest: string;
  signature: { r: string; s: string; yParity: 0 | 1 };
  publicKey: string;
  address: string;
  committee: string[];
  presignatureId: string;
}

interface AuditEvent {
  type: string;
  verified: boolean;
  data: Record<string, unknown>;
}

const stack = readStack();
const client = new ForeignClient(stack);
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());
jest.setTimeout(120_000);

/** The child key by BIP32, computed by ethers from the root key and chain code of stack.json. */
function childKey(path: string): { publicKey: string; address: string } {
  // version (xpub), depth, parent fingerprint, index, chain code, key: BIP32 "Serialization format"
  const body = concat([
    '0x0488b21e',
    '0x00',
    '0x00000000',
    '0x00000000',
    stack.key.chainCode,
    stack.key.publicKey,
  ]);
  const root = HDNodeWallet.fromExtendedKey(
    encodeBase58(concat([body, dataSlice(sha256(sha256(body)), 0, 4)])),
  );
  const { publicKey } = path === 'm' ? root : root.derivePath(path.slice(2));
  return { publicKey, address: computeAddress(publicKey).toLowerCase() };
}

async function story(id: string): Promise<AuditEvent[]> {
  const answer = await callApi(stack.audit, `/v1/requests/${encodeURIComponent(id)}`);
  if (answer.status === 404) return [];
  return ((await answer.json()) as { events: AuditEvent[] }).events;
}

async function storyWith(id: string, type: string): Promise<AuditEvent[]> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const events = await story(id);
    if (events.some((event) => event.type === type)) return events;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the story of ${id} has no ${type} after 30 s`);
}

async function expectVerified(record: Received, digest: string, path = 'm/44/60/0/0/7'): Promise<Completed> {
  const final = record.json as unknown as Completed;
  expect(final).toMatchObject({ type: 'quorate.sign.completed.v1', digest });
  expect(final.path ?? 'm').toBe(path);
  const child = childKey(path);
  expect(final.publicKey).toBe(child.publicKey);
  expect(final.address.toLowerCase()).toBe(child.address);
  expect(recoverAddress(digest, final.signature).toLowerCase()).toBe(child.address);
  expect(BigInt(final.signature.s)).toBeLessThanOrEqual(halfOrder);
  expect(final.committee).toEqual([...final.committee].sort());
  expect(await client.verify(record)).toMatchObject({ alg: 'EdDSA', typ: 'final+jws' });
  return final;
}

describe('a sign request of a foreign client', () => {
  const unsigned = Transaction.from({
    type: 2,
    chainId: 31337n,
    nonce: 1_000_000,
    to: '0x000000000000000000000000000000000000dEaD',
    value: 1n,
    gasLimit: 21_000n,
    maxFeePerGas: 10n,
    maxPriorityFeePerGas: 1n,
  });
  const typedData = {
    types: {
      Mail: [
        { name: 'from', type: 'address' },
        { name: 'contents', type: 'string' },
      ],
    },
    primaryType: 'Mail',
    domain: { name: 'Ether Mail', version: '1', chainId: 31337 },
    message: { from: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826', contents: 'Hello, Bob!' },
  };

  it.each<[string, object, string]>([
    [
      'evm-transaction',
      { kind: 'evm-transaction', unsigned: unsigned.unsignedSerialized },
      unsigned.unsignedHash,
    ],
    ['eip191', { kind: 'eip191', message: '0x68656c6c6f' }, hashMessage('hello')],
    [
      'eip712',
      { kind: 'eip712', typedData },
      TypedDataEncoder.hash(typedData.domain, typedData.types, typedData.message),
    ],
  ])('%s becomes a signature that verifies under the child key', async (_kind, payload, digest) => {
    const request = client.request(payload);
    const { value } = await client.send('mpc.requests', request.requestId, request);
    const final = await expectVerified(await client.finalOf(request.requestId), digest);
    expect(final).toMatchObject({
      requester: stack.requester.kid,
      requestHash: sha256Hex(value),
      keyId: stack.key.keyId,
    });
  });

  it('signs with the root key when the path is absent', async () => {
    const request = client.request({ kind: 'eip191', message: '0x00' }, { path: undefined });
    await client.send('mpc.requests', request.requestId, request);
    await expectVerified(await client.finalOf(request.requestId), hashMessage('\0'), 'm');
  });

  it('is in the audit log, every event of it verified', async () => {
    const request = client.request({ kind: 'eip191', message: '0x01' });
    await client.send('mpc.requests', request.requestId, request);
    await client.finalOf(request.requestId);
    const events = await storyWith(request.requestId, 'quorate.sign.completed.v1');
    const types = events.map((event) => event.type);
    expect(types).toEqual(
      expect.arrayContaining([
        'quorate.sign.requested.v1',
        'quorate.sign.committee-chosen.v1',
        'quorate.sign.completed.v1',
      ]),
    );
    expect(events.every((event) => event.verified)).toBe(true);
    expect(events.every((event) => event.data.correlationId === request.requestId)).toBe(true);
    const issued = await storyWith(request.requestId, 'quorate.sign.partial-issued.v1');
    expect(
      issued.filter((event) => event.type === 'quorate.sign.partial-issued.v1').length,
    ).toBeLessThanOrEqual(2);
  });
});

describe('one outcome for a request', () => {
  it('answers five copies with the same bytes, and other bytes with conflict', async () => {
    const request = client.request({ kind: 'eip191', message: '0x02' });
    const sent = await client.send('mpc.requests', request.requestId, request);
    const first = await client.finalOf(request.requestId);
    for (let copy = 0; copy < 4; copy++) await client.resend('mpc.requests', request.requestId, sent);
    const finals = await client.atLeast(5, ({ json }) => json.requestId === request.requestId);
    for (const final of finals) {
      expect(final.value.equals(first.value)).toBe(true);
      expect(final.headers.jws).toBe(first.headers.jws);
      expect(final.headers.ce_id).toBe(first.headers.ce_id);
    }

    const other = await client.send('mpc.requests', request.requestId, { ...request, path: 'm/1' });
    const conflict = await client.first(
      ({ json }) => json.requestId === request.requestId && json.type === 'quorate.sign.rejected.v1',
    );
    expect(conflict.json).toMatchObject({ code: 'conflict', requestHash: sha256Hex(other.value) });
    await client.resend('mpc.requests', request.requestId, sent);
    const again = await client.atLeast(
      6,
      ({ json }) => json.requestId === request.requestId && 'signature' in json,
    );
    expect(again.every(({ value }) => value.equals(first.value))).toBe(true);
  });
});

describe('one outcome, also after a restart', () => {
  it('a new process of the coordinator gives the same answer to the same bytes', async () => {
    const request = client.request({ kind: 'eip191', message: '0x04' });
    const sent = await client.send('mpc.requests', request.requestId, request);
    const first = await client.finalOf(request.requestId);
    await killProcess('coordinator-1');
    await client.resend('mpc.requests', request.requestId, sent);
    const [, again] = await client.atLeast(2, ({ json }) => json.requestId === request.requestId);
    expect(again?.value.equals(first.value)).toBe(true);
    expect(again?.headers.jws).toBe(first.headers.jws);
    await client.send('mpc.requests', request.requestId, { ...request, path: 'm/2' });
    const conflict = await client.first(
      ({ json }) => json.requestId === request.requestId && json.code === 'conflict',
    );
    await client.verify(conflict);
  });
});

describe('bad records', () => {
  const eip191 = { kind: 'eip191', message: '0x03' };

  it.each<[string, object, object, string]>([
    ['an expired request', eip191, { expiresAt: '2020-01-01T00:00:00Z' }, 'expired'],
    [
      'an expiry more than a day ahead',
      eip191,
      { expiresAt: new Date(Date.now() + 90_000_000).toISOString() },
      'invalid',
    ],
    ['an unknown key', eip191, { keyId: 'k_nobody' }, 'unknown-key'],
    ['a hardened path', eip191, { path: "m/44'/60'" }, 'invalid'],
    ['a wrong type of field', eip191, { nonce: 7 }, 'invalid'],
    ['an unknown payload kind', { kind: 'guess' }, {}, 'invalid'],
    ['a payload kind of a later version', { kind: 'bytes', message: '0x00' }, {}, 'invalid'],
    ['a transaction that is none', { kind: 'evm-transaction', unsigned: '0x02c0' }, {}, 'invalid'],
    ['a raw digest without permission', { kind: 'digest', digest: `0x${'11'.repeat(32)}` }, {}, 'policy'],
    ['an intent of a client that is no submitter', { kind: 'evm-cancel', unsigned: '0x02c0' }, {}, 'invalid'],
  ])('%s is rejected with a reason', async (_name, payload, change, code) => {
    const request = client.request(payload, change);
    await client.send('mpc.requests', request.requestId, request);
    const final = await client.finalOf(request.requestId);
    expect(final.json).toMatchObject({ type: 'quorate.sign.rejected.v1', code });
    expect(String(final.json.reason).length).toBeGreaterThan(10);
    await client.verify(final);
  });

  it('rejects a chain id that no chain can have', async () => {
    const { unsignedSerialized } = Transaction.from({
      type: 2,
      chainId: 2n ** 200n,
      to: `0x${'00'.repeat(20)}`,
      gasLimit: 21_000n,
    });
    const request = client.request({ kind: 'evm-transaction', unsigned: unsignedSerialized });
    await client.send('mpc.requests', request.requestId, request);
    expect((await client.finalOf(request.requestId)).json).toMatchObject({ code: 'invalid' });
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const deep = Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'unsigned',
      (id) => client.send('mpc.requests', id, client.request(eip191), { headers: { jws: undefined } }),
    ],
    [
      'unsigned, with headers that are null',
      (id) =>
        client.send('mpc.requests', id, client.request(eip191), { headers: { jws: null, ce_id: null } }),
    ],
    [
      'signed by another key',
      (id) => client.send('mpc.requests', id, client.request(eip191), { signer: stranger }),
    ],
    [
      'signed as something else',
      async (id) => {
        const value = Buffer.from(JSON.stringify(client.request(eip191)));
        return client.send('mpc.requests', id, value, {
          headers: { jws: await client.jws(value, 'tx-intent') },
        });
      },
    ],
    [
      'of an unknown kid',
      async (id) => {
        const value = Buffer.from(JSON.stringify(client.request(eip191)));
        return client.send('mpc.requests', id, value, {
          headers: { jws: await client.jws(value, 'sign-request', stranger, 'nobody') },
        });
      },
    ],
    ['no JSON', (id) => client.send('mpc.requests', id, Buffer.from('{"requestId": '))],
    ['2 MB', (id) => client.send('mpc.requests', id, Buffer.alloc(2_000_000, 0x20))],
    ['nested deeply', (id) => client.send('mpc.requests', id, deep)],
    [
      'without a requestId',
      (id) => client.send('mpc.requests', id, { ...client.request(eip191), requestId: '' }),
    ],
  ])('a record that is %s goes to dead-letters, and the partition moves on', async (_name, send) => {
    const id = randomUUID();
    await send(id);
    const letter = await client.deadLetterOf(id);
    expect(letter.headers).toMatchObject({ dl_topic: client.topic('mpc.requests') });
    expect(letter.headers.dl_reason?.length).toBeGreaterThan(10);
    const next = client.request(eip191);
    await client.send('mpc.requests', id, next);
    expect((await client.finalOf(next.requestId)).json.type).toBe('quorate.sign.completed.v1');
  });
});

describe('a transaction intent of a foreign client', () => {
  const provider = new JsonRpcProvider(stack.chain.rpcUrl, undefined, { cacheTimeout: -1 });
  afterAll(() => provider.destroy());

  it('is confirmed on the chain, and the audit log tells the story', async () => {
    const intent = client.intent();
    await client.send('tx.intents', intent.intentId, intent);
    const confirmed = await client.outcomeOf(intent.intentId, 'confirmed');
    await client.verify(confirmed);
    const receipt = await provider.getTransactionReceipt(String(confirmed.json.hash));
    expect(receipt?.status).toBe(1);
    expect(receipt?.from.toLowerCase()).toBe(stack.key.address.toLowerCase());
    expect((await provider.getBalance(String(intent.to))).toString()).toBe(intent.value);
    const types = (await storyWith(intent.intentId, 'quorate.tx.confirmed.v1')).map((event) => event.type);
    for (const type of [
      'tx.requested',
      'tx.nonce-reserved',
      'sign.requested',
      'sign.completed',
      'tx.signed',
      'tx.broadcast',
    ]) {
      expect(types).toContain(`quorate.${type}.v1`);
    }
    const { status } = await callApi(stack.submitter, `/v1/transactions/${intent.intentId}`);
    expect(status).toBe(200);
  });

  it('is paid once however often it is sent; other bytes are a conflict', async () => {
    const intent = client.intent({ confirmations: 1 });
    const sent = await client.send('tx.intents', intent.intentId, intent);
    await client.resend('tx.intents', intent.intentId, sent);
    await client.outcomeOf(intent.intentId, 'confirmed');
    await client.resend('tx.intents', intent.intentId, sent);
    await client.send('tx.intents', intent.intentId, { ...intent, value: '7' });
    const rejected = await client.outcomeOf(intent.intentId, 'rejected');
    expect(rejected.json).toMatchObject({ code: 'conflict' });
    expect((await provider.getBalance(String(intent.to))).toString()).toBe(intent.value);
  });

  it.each<[string, object]>([
    ['an unknown key', { keyId: 'k_nobody' }],
    ['another chain', { chainId: '1' }],
    ['an address that is none', { to: '0x12' }],
    ['an expired intent', { expiresAt: '2020-01-01T00:00:00Z' }],
  ])('%s is rejected with a reason', async (_name, change) => {
    const intent = client.intent(change);
    await client.send('tx.intents', intent.intentId, intent);
    const outcome = await client.first(
      ({ json }) => json.intentId === intent.intentId && /rejected|failed/.test(String(json.type)),
    );
    expect(String(outcome.json.reason).length).toBeGreaterThan(10);
  });
});
