/** Requests and sign tasks as clients, submitters and a coordinator would make them, honest or not. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { encodeUnsignedTransaction } from '@quorate/evm';
import { identityJwk } from '@quorate/platform';
import { type RecordTyp, signDetached } from '@quorate/protocol';
import { type SignTask } from '../sign-task/assess';

/** Somebody with an Ed25519 key. */
export interface Person {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: ReturnType<typeof identityJwk>;
}

export function person(kid: string): Person {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid, privateKey, publicKey: identityJwk(publicKey) };
}

export function signedBy({ kid, privateKey }: Person, typ: RecordTyp, value: Uint8Array): string {
  return signDetached(privateKey, kid, typ, value);
}

/** A policy that allows alice everything on chain 31337, and what is changed of her entry. */
export function policyFor(alice: Person, change: object = {}, ...others: object[]): object {
  return {
    version: 1,
    operators: { required: 1, keys: [{ kid: 'operator', publicKey: alice.publicKey }] },
    requesters: [
      {
        ...{ kid: alice.kid, publicKey: alice.publicKey, role: 'client', keys: ['*'], paths: ['*'] },
        payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'evm-intent'],
        chains: ['31337'],
        ...change,
      },
      ...others,
    ],
  };
}

export function submitterEntry({ kid, publicKey }: Person, change: object = {}): object {
  return { kid, publicKey, role: 'submitter', ...change };
}

export const DESTINATION = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';

/** 3 wei to DESTINATION on chain 31337, with nonce 5; unsigned, 0x-hex. */
export function unsignedTransfer(change: Parameters<typeof encodeUnsignedTransaction>[0] = {}): string {
  return encodeUnsignedTransaction({
    ...{ chainId: 31337n, nonce: 5, to: DESTINATION, value: 3n, gasLimit: 21_000n },
    ...{ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
    ...change,
  }).unsigned;
}

/** The exact bytes of a request for a personal message, valid for five minutes from `now`. */
export function requestValue(requester: Person, now: Date, change: object = {}): Buffer {
  const content = {
    ...{ requestId: 'order-1', requester: requester.kid, keyId: 'k_1' },
    payload: { kind: 'eip191', message: '0x68656c6c6f' },
    nonce: `0x${randomBytes(32).toString('hex')}`,
    expiresAt: in5Minutes(now),
    ...change,
  };
  return Buffer.from(JSON.stringify(content));
}

/** The exact bytes of an intent that `unsignedTransfer` fulfils. */
export function intentValue(requester: Person, now: Date, change: object = {}): Buffer {
  const content = {
    ...{ intentId: 'payout-77', requester: requester.kid, keyId: 'k_1', chainId: '31337' },
    ...{ to: DESTINATION, value: '3', data: '0x', maxFeePerGas: '100', maxCost: '10000000' },
    expiresAt: in5Minutes(now),
    ...change,
  };
  return Buffer.from(JSON.stringify(content));
}

/** The payload of a submitter for an intent, with the approvals that came with it. */
export function intentPayload(
  client: Person,
  value: Buffer,
  unsigned = unsignedTransfer(),
  approvals: string[] = [],
): object {
  const intent = { bytes: value.toString('base64url'), jws: signedBy(client, 'tx-intent', value) };
  return { kind: 'evm-intent', unsigned, intent, ...(approvals.length > 0 && { approvals }) };
}

/** A task for these bytes, signed by the requester, as a coordinator hands it over; `lies` are its own additions. */
export function taskFor(requester: Person, value: Buffer, lies: Partial<SignTask> = {}): SignTask {
  const { requestId } = JSON.parse(value.toString()) as { requestId: string };
  return {
    ...{ taskId: requestId, value, jws: signedBy(requester, 'sign-request', value), approvals: '' },
    ...{ requester: requester.kid, requestId, attempt: 1 },
    ...{ presignatureId: randomBytes(32), sessionId: randomBytes(32), committee: ['node-1', 'node-2'] },
    ...lies,
  };
}

function in5Minutes(now: Date): string {
  return new Date(now.getTime() + 300_000).toISOString();
}
