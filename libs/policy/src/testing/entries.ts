import { generateKeyPairSync } from 'node:crypto';
import { decodeUnsignedTransaction, encodeUnsignedTransaction, type UnsignedTransaction } from '@quorate/evm';
import { type Ed25519Jwk, identityJwk } from '@quorate/platform';
import { Transaction } from 'ethers';
import { type Policy, policyFile } from '../file/policy-file';
import { type ClientEntry, type SubmitterEntry } from '../file/requester-entry';
import { type PolicySubject } from '../subject';

export const ADDRESS = '0x3535353535353535353535353535353535353535';
export const OTHER = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';
export const TOKEN = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';

export function jwk(): Ed25519Jwk {
  return identityJwk(generateKeyPairSync('ed25519').publicKey);
}

/** Alice as a policy file describes her, allowed everything on two chains but raw digests. */
export function aliceFields(): Record<string, unknown> {
  return {
    kid: 'alice',
    publicKey: jwk(),
    role: 'client',
    keys: ['k_1'],
    paths: ['m/44/60/*', 'm'],
    payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'evm-intent'],
    chains: ['1', '31337'],
  };
}

export function policyFields(...requesters: unknown[]): Record<string, unknown> {
  return {
    version: 1,
    operators: { required: 1, keys: [{ kid: 'operator', publicKey: jwk() }] },
    requesters,
  };
}

export function policyOf(...requesters: unknown[]): Policy {
  return policyFile.parse(policyFields(...requesters));
}

export function alice(change: object = {}): ClientEntry {
  const entry = policyOf({ ...aliceFields(), ...change }).requesters.get('alice')?.entry;
  if (entry?.role !== 'client') throw new Error('alice is a client');
  return entry;
}

export function submitter(change: object = {}): SubmitterEntry {
  const fields = { kid: 'submitter', publicKey: jwk(), role: 'submitter', ...change };
  const entry = policyOf(fields).requesters.get('submitter')?.entry;
  if (entry?.role !== 'submitter') throw new Error('there is a submitter');
  return entry;
}

/** A transfer of 3 wei on chain 1, and what is changed of it. */
export function transaction(
  change: Parameters<typeof encodeUnsignedTransaction>[0] = {},
): UnsignedTransaction {
  return encodeUnsignedTransaction({
    ...{ chainId: 1n, nonce: 5, to: ADDRESS, value: 3n, gasLimit: 21_000n },
    ...{ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
    ...change,
  });
}

/** The same transfer as a legacy transaction (EIP-155), with this gas price. */
export function legacyTransaction(gasPrice: bigint): UnsignedTransaction {
  const fields = { type: 0, chainId: 1n, nonce: 5, to: ADDRESS, value: 0n, gasLimit: 21_000n, gasPrice };
  return decodeUnsignedTransaction(Transaction.from(fields).unsignedSerialized);
}

/** A personal message on a Tuesday at noon UTC, and what is changed of it. */
export function subject(change: Partial<PolicySubject> = {}): PolicySubject {
  return {
    keyId: 'k_1',
    path: 'm/44/60/0',
    payloadKind: 'eip191',
    at: new Date('2026-12-01T12:00:00Z'),
    approvedBy: [],
    ...change,
  };
}

export function transfer(change: Parameters<typeof transaction>[0] = {}): PolicySubject {
  return subject({ payloadKind: 'evm-transaction', transaction: transaction(change) });
}
