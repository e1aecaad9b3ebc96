/** From the payload of a sign request to the 32 bytes that are signed. */
import { Invalid } from '@quorate/platform';

import { eip191Digest } from './personal-message';
import { eip712Digest } from './typed-data';
import { decodeUnsignedTransaction } from './unsigned-transaction';

/** Order of the group (SEC 2, 2.4.1). */
const secp256k1Order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

/** The payload kinds of sign requests that ECDSA keys sign, as far as the digest depends on them. */
export type EcdsaPayload =
  | { kind: 'evm-transaction' | 'evm-intent' | 'evm-cancel'; unsigned: string }
  | { kind: 'eip191'; message: string }
  | { kind: 'eip712'; typedData: unknown }
  | { kind: 'digest'; digest: string };

/**
 * The digest (0x-hex, 32 bytes) of a payload. Whether the requester may have it signed is the caller's question.
 *
 * @throws Invalid naming what is wrong with the payload.
 */
export function payloadDigest(payload: EcdsaPayload | { kind: 'bytes' }): string {
  switch (payload.kind) {
    case 'evm-transaction':
    case 'evm-intent':
    case 'evm-cancel':
      return decodeUnsignedTransaction(payload.unsigned).digest;
    case 'eip191':
      return eip191Digest(payload.message);
    case 'eip712':
      return eip712Digest(payload.typedData);
    case 'digest':
      if (!/^0x[0-9a-f]{64}$/.test(payload.digest)) {
        throw new Invalid('invalid', 'The digest must be 0x followed by 64 hex digits in lower case.');
      }
      if (BigInt(payload.digest) % secp256k1Order === 0n) {
        throw new Invalid(
          'invalid',
          'The digest is 0 modulo the order of the curve: no hash is, send another one.',
        );
      }
      return payload.digest;
    case 'bytes':
      throw new Invalid(
        'invalid',
        'Payload kind bytes is for Ed25519 and BIP-340 keys: use eip191 for this key.',
      );
  }
}
