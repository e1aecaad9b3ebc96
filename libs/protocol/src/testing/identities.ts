import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Ed25519Jwk, identityJwk } from '@quorate/platform';
import { type RecordSigner, recordSigner } from '../record/encode-record';
import { type EncodedRecord, type RawRecord } from '../record/record-types';

/** A fresh identity for a test. */
export interface TestIdentity {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Ed25519Jwk;
  readonly signer: RecordSigner;
}

export function testIdentity(kid: string): TestIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid, privateKey, publicKey, jwk: identityJwk(privateKey), signer: recordSigner(kid, privateKey) };
}

/** The record as a reader gets it, with `changes` to its headers (undefined removes one) or value. */
export function asRead(
  { key, value, headers }: EncodedRecord,
  changes: { value?: Buffer | null; headers?: Record<string, string | undefined> } = {},
): RawRecord {
  const merged = Object.entries({ ...headers, ...changes.headers });
  const kept = merged.flatMap(([name, text]) =>
    text === undefined ? [] : [[name, Buffer.from(text)] as const],
  );
  return {
    topic: 'mpc.requests',
    partition: 2,
    offset: 41n,
    key: Buffer.from(key),
    value: changes.value === undefined ? value : changes.value,
    headers: Object.fromEntries(kept),
  };
}
