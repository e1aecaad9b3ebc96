/** Cosignatures: witnesses say that a checkpoint continues all that they saw before (C2SP tlog-cosignature, Ed25519). */
import { concatBytes, utf8 } from '../encoding';
import { type Note, type NoteSignature, signersOf } from '../note/note';
import { ED25519_COSIGNATURE, type VerifierKey, verifyEd25519 } from '../note/verifier-key';

const TIMESTAMP_BYTES = 8;

/**
 * A witness's signature over the text of a checkpoint.
 *
 * @param key of type 0x04.
 * @param time seconds since 1970.
 */
export function cosign(
  text: string,
  key: VerifierKey,
  time: number,
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  const timestamp = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(time));
  return {
    name: key.name,
    keyId: key.id,
    signature: concatBytes(timestamp, sign(message(text, BigInt(time)))),
  };
}

/**
 * The witnesses of those given that cosigned a checkpoint.
 *
 * @throws Malformed when the cosignature of a known witness is wrong.
 */
export function cosignersOf(note: Note, witnesses: readonly VerifierKey[]): VerifierKey[] {
  return signersOf(note, witnesses, verifyCosignature);
}

function verifyCosignature(signature: Uint8Array, text: string, { type, publicKey }: VerifierKey): boolean {
  if (type !== ED25519_COSIGNATURE || signature.length <= TIMESTAMP_BYTES) return false;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time >= 2n ** 63n) return false;
  return verifyEd25519(signature.subarray(TIMESTAMP_BYTES), message(text, time), publicKey);
}

function message(text: string, time: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}
