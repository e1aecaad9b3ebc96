/** What a key signs depends on its scheme (interfaces.md, payload kinds). Pure: coordinator and nodes ask the same functions. */
import { fromHex } from './hex';
import { type Scheme } from './schemas/final';
import { type Payload } from './schemas/payload';
import { type SignRequest } from './schemas/sign-request';

/** Why no key of this scheme signs the content, and what to use instead; undefined when its keys do. */
export function unfitForScheme(
  scheme: Scheme,
  { payload, path }: Pick<SignRequest, 'payload' | 'path'>,
): string | undefined {
  const { kind } = payload;
  if (scheme === 'ecdsa-secp256k1') {
    return kind === 'bytes'
      ? 'payload.kind: "bytes" is for Ed25519 and BIP-340 keys, and this is an ECDSA key; use eip191, eip712 or evm-transaction'
      : undefined;
  }
  if (path !== undefined) return `path: must be absent: a key of ${scheme} has no child keys`;
  if (kind === 'bytes' || (kind === 'digest' && scheme === 'bip340-secp256k1')) return undefined;
  return `payload.kind: a key of ${scheme} does not sign "${kind}"; use bytes, whose message is signed as it is`;
}

/** The message that a Schnorr key signs, hashed by the scheme itself; undefined for what only ECDSA keys sign. */
export function schnorrMessage(payload: Payload): Buffer | undefined {
  switch (payload.kind) {
    case 'bytes':
      return fromHex(payload.message);
    case 'digest':
      return fromHex(payload.digest);
    default:
      return undefined;
  }
}
