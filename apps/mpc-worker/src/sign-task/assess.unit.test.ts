import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { eip191Digest, encodeUnsignedTransaction } from '@quorate/evm';
import { identityJwk } from '@quorate/platform';
import { policyFile } from '@quorate/policy';
import { signDetached, toHex } from '@quorate/protocol';
import { assessTask, type SignTask } from './assess';

const keys = {
  alice: generateKeyPairSync('ed25519'),
  submitter: generateKeyPairSync('ed25519'),
  mallory: generateKeyPairSync('ed25519'),
};
const now = new Date('2026-12-01T12:00:00Z');
const schemeOf = () => 'ecdsa-secp256k1' as const;
const in5Minutes = '2026-12-01T12:05:00Z';
const destination = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';

const policy = policyFile.parse({
  version: 1,
  operators: { required: 1, keys: [{ kid: 'operator', publicKey: identityJwk(keys.mallory.publicKey) }] },
  requesters: [
    {
      kid: 'alice',
      publicKey: identityJwk(keys.alice.publicKey),
      role: 'client',
      keys: ['*'],
      paths: ['*'],
      payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'evm-intent'],
      chains: ['31337'],
    },
    { kid: 'submitter', publicKey: identityJwk(keys.submitter.publicKey), role: 'submitter' },
  ],
});

type Signer = keyof typeof keys;

function task(content: object, signer: Signer = 'alice', kid: string = signer): SignTask {
  const value = Buffer.from(JSON.stringify(content));
  const { requestId = 'order-1', requester = kid } = content as { requestId?: string; requester?: string };
  return {
    taskId: 't',
    value,
    jws: signDetached(keys[signer].privateKey, kid, 'sign-request', value),
    approvals: '',
    requester,
    requestId,
    attempt: 1,
    presignatureId: randomBytes(32),
    sessionId: randomBytes(32),
    committee: ['node-1', 'node-2'],
  };
}

const request = {
  requestId: 'order-1',
  requester: 'alice',
  keyId: 'k_1',
  path: 'm/44/60/0',
  payload: { kind: 'eip191', message: '0x68656c6c6f' },
  nonce: `0x${'11'.repeat(32)}`,
  expiresAt: in5Minutes,
};

const transaction = (change: object = {}) =>
  encodeUnsignedTransaction({
    chainId: 31337n,
    nonce: 5,
    to: destination,
    value: 3n,
    gasLimit: 21_000n,
    maxFeePerGas: 9n,
    maxPriorityFeePerGas: 1n,
    ...change,
  });

const intent = {
  intentId: 'payout-77',
  requester: 'alice',
  keyId: 'k_1',
  path: 'm/0/1',
  chainId: '31337',
  to: destination,
  value: '3',
  data: '0x',
  maxFeePerGas: '9',
  maxCost: '1000000',
  expiresAt: in5Minutes,
};

function intentTask(
  change: { intent?: object; unsigned?: string; intentSigner?: Signer; path?: string } = {},
): SignTask {
  const bytes = Buffer.from(JSON.stringify({ ...intent, ...change.intent }));
  const signer = change.intentSigner ?? 'alice';
  return task(
    {
      ...request,
      requester: 'submitter',
      path: change.path ?? 'm/0/1',
      payload: {
        kind: 'evm-intent',
        unsigned: change.unsigned ?? transaction().unsigned,
        intent: {
          bytes: bytes.toString('base64url'),
          jws: signDetached(keys[signer].privateKey, 'alice', 'tx-intent', bytes),
        },
      },
    },
    'submitter',
  );
}

const refusalOf = (signTask: SignTask) => {
  const assessed = assessTask(signTask, policy, now, schemeOf);
  return assessed.ok ? undefined : assessed.refusal;
};

describe('assessTask: client requests', () => {
  it('computes the digest itself and binds the exact bytes', () => {
    const signTask = task(request);
    const assessed = assessTask(signTask, policy, now, schemeOf);
    if (!assessed.ok) throw new Error(assessed.refusal.reason);
    expect(assessed.request).toMatchObject({
      requester: 'alice',
      requestId: 'order-1',
      correlationId: 'order-1',
      path: 'm/44/60/0',
    });
    expect(toHex(assessed.request.message)).toBe(eip191Digest('0x68656c6c6f'));
  });

  it('gives chain, nonce and payload of a transaction for the bindings', () => {
    const of = (unsigned: string) => {
      const assessed = assessTask(
        task({ ...request, payload: { kind: 'evm-transaction', unsigned } }),
        policy,
        now,
        schemeOf,
      );
      return assessed.ok ? assessed.request.transaction : undefined;
    };
    expect(of(transaction().unsigned)).toMatchObject({ chain: '31337', nonce: '5' });
    const repriced = of(transaction({ maxFeePerGas: 12n }).unsigned);
    expect(repriced?.payloadHash).toEqual(of(transaction().unsigned)?.payloadHash);
    expect(of(transaction({ value: 4n }).unsigned)?.payloadHash).not.toEqual(repriced?.payloadHash);
  });

  it.each<[string, SignTask, string]>([
    ['signed by somebody else in her name', task(request, 'mallory', 'alice'), 'unauthorized'],
    [
      'signed by nobody the policy knows',
      task({ ...request, requester: 'mallory' }, 'mallory'),
      'unauthorized',
    ],
    [
      'of a requester that is not the signer',
      task({ ...request, requester: 'submitter' }, 'alice'),
      'unauthorized',
    ],
    ['after its expiry', task({ ...request, expiresAt: '2026-12-01T12:00:00Z' }), 'expired'],
    ['more than a day ahead', task({ ...request, expiresAt: '2026-12-03T12:00:00Z' }), 'invalid'],
    ['with a hardened path', task({ ...request, path: "m/44'" }), 'invalid'],
    [
      'for a raw digest',
      task({ ...request, payload: { kind: 'digest', digest: request.nonce } }),
      'policy/raw-digest',
    ],
    [
      'for another chain',
      task({
        ...request,
        payload: { kind: 'evm-transaction', unsigned: transaction({ chainId: 1n }).unsigned },
      }),
      'policy/chain',
    ],
    ['of kind bytes', task({ ...request, payload: { kind: 'bytes', message: '0x00' } }), 'invalid'],
    [
      'with a transaction that has trailing bytes',
      task({ ...request, payload: { kind: 'evm-transaction', unsigned: `${transaction().unsigned}00` } }),
      'invalid',
    ],
    [
      'of kind evm-intent from a client',
      task({
        ...request,
        payload: {
          kind: 'evm-intent',
          unsigned: transaction().unsigned,
          intent: { bytes: 'e30', jws: 'a..b' },
        },
      }),
      'unauthorized',
    ],
  ])('refuses a request %s', (_name, signTask, expected) => {
    const { code, rule } = refusalOf(signTask) ?? {};
    expect(rule === undefined ? code : `${code}/${rule}`).toBe(expected);
  });

  it('refuses altered bytes under a good signature', () => {
    const good = task(request);
    const value = Buffer.from(good.value.toString().replace('m/44/60/0', 'm/44/60/1'));
    expect(refusalOf({ ...good, value })).toMatchObject({ code: 'unauthorized' });
  });
});

describe('assessTask: intents through the submitter', () => {
  it('gives the rungs of a fee ladder one payload, and refuses only those above the ceilings of the client', () => {
    const assessed = [4n, 6n, 9n, 12n].map((maxFeePerGas) =>
      assessTask(intentTask({ unsigned: transaction({ maxFeePerGas }).unsigned }), policy, now, schemeOf),
    );
    const payloads = assessed.flatMap((one) => (one.ok ? [one.request.transaction?.payloadHash] : []));
    expect(payloads).toHaveLength(3);
    expect(payloads).toEqual(payloads.map(() => payloads[0]));
    expect(assessed[3]).toMatchObject({ ok: false, refusal: { rule: 'intent-fee' } });
  });

  it('correlates with the intent and binds it to its nonce', () => {
    const assessed = assessTask(intentTask(), policy, now, schemeOf);
    if (!assessed.ok) throw new Error(assessed.refusal.reason);
    expect(assessed.request).toMatchObject({
      requester: 'submitter',
      correlationId: 'payout-77',
      intent: { requester: 'alice', intentId: 'payout-77' },
      transaction: { chain: '31337', nonce: '5' },
    });
  });

  it.each<[string, SignTask, string]>([
    ['pays more', intentTask({ unsigned: transaction({ value: 4n }).unsigned }), 'policy/intent-value'],
    [
      'pays somebody else',
      intentTask({ unsigned: transaction({ to: `0x${'00'.repeat(19)}01` }).unsigned }),
      'policy/intent-destination',
    ],
    ['carries data', intentTask({ unsigned: transaction({ data: '0x00' }).unsigned }), 'policy/intent-data'],
    [
      'is for another chain',
      intentTask({ unsigned: transaction({ chainId: 1n }).unsigned }),
      'policy/intent-chain',
    ],
    [
      'costs more than the fee ceiling',
      intentTask({ unsigned: transaction({ maxFeePerGas: 10n }).unsigned }),
      'policy/intent-fee',
    ],
    ['costs more than maxCost', intentTask({ intent: { maxCost: '100' } }), 'policy/intent-max-cost'],
    ['uses more gas', intentTask({ intent: { gasLimit: '20000' } }), 'policy/intent-gas-limit'],
    ['is signed by another path', intentTask({ path: 'm/0/2' }), 'policy/intent-sender'],
    ['was not asked for by the client', intentTask({ intentSigner: 'mallory' }), 'unauthorized'],
  ])('refuses a transaction that %s', (_name, signTask, expected) => {
    const { code, rule } = refusalOf(signTask) ?? {};
    expect(rule === undefined ? code : `${code}/${rule}`).toBe(expected);
  });

  it('signs nothing else for a submitter', () => {
    const signTask = task({ ...request, requester: 'submitter' }, 'submitter');
    expect(refusalOf(signTask)).toMatchObject({ code: 'policy', rule: 'payload-kind' });
  });
});
