/** Public keys of notes (C2SP signed-note): logs sign with type 0x01, witnesses cosign with type 0x04. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes, fromBase64, toBase64, utf8 } from '../encoding';
import { Malformed } from '../malformed';

/** Ed25519 over the text of the note (signed-note, "Ed25519 signatures"). */
export const ED25519 = 0x01;
/** Ed25519 over the text and a time (tlog-cosignature). */
export const ED25519_COSIGNATURE = 0x04;

/** A key that notes may be signed with. */
export interface VerifierKey {
  /** Without spaces and plus signs, for example `example.com/log`. */
  name: string;
  type: typeof ED25519 | typeof ED25519_COSIGNATURE;
  /** The first four bytes of SHA-256(name || 0x0A || type || public key). */
  id: number;
  /** 32 bytes (RFC 8032). */
  publicKey: Uint8Array;
}

/** @throws Malformed when the name cannot be one, or the key has not 32 bytes. */
export function verifierKey(name: string, type: VerifierKey['type'], publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name))
    throw new Malformed(`the key name "${name.slice(0, 100)}" is empty or has spaces or plus signs`);
  if (publicKey.length !== 32)
    throw new Malformed(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const digest = sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return { name, type, id: new DataView(digest.buffer, digest.byteOffset).getUint32(0), publicKey };
}

/** `name+id+base64(type || public key)`, the form in which keys are handed on. */
export function formatVerifierKey({ name, type, id, publicKey }: VerifierKey): string {
  return `${name}+${hex(id)}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
}

/** @throws Malformed when it is none, of another type, or its id is not that of its key. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', encoded = '', ...rest] = splitVerifierKey(text);
  if (rest.length > 0 || encoded === '') throw new Malformed('a verifier key reads NAME+ID+KEY');
  const [type, ...publicKey] = fromBase64(encoded, 'the key of a verifier key');
  if (type !== ED25519 && type !== ED25519_COSIGNATURE)
    throw new Malformed(
      `the verifier key is of type ${type ?? 'none'}: 1 (Ed25519) and 4 (cosignature) are known`,
    );
  const key = verifierKey(name, type, Uint8Array.from(publicKey));
  if (hex(key.id) !== id)
    throw new Malformed(`the verifier key has the id ${id.slice(0, 8)}, its key has ${hex(key.id)}`);
  return key;
}

/** The base64 of a key may have plus signs, too. */
function splitVerifierKey(text: string): string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return second < 0 ? [text] : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** Strict RFC 8032: no small-order keys, one encoding of each point. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // of the wrong length, or no point
  }
}

export function isKeyName(name: string): boolean {
  return name !== '' && !/[\s+\p{Control}\p{Surrogate}]/u.test(name);
}

function hex(id: number): string {
  return id.toString(16).padStart(8, '0');
}
