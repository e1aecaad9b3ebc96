/**
 * Encryption of direct messages with forward secrecy (specification section 2).
 *
 * key = HKDF-SHA256(X25519(x_i, xk_j), salt sid, info "dkls23/1/p2p" || u16 from || u16 to || u8 round || xk_from || xk_to);
 * ChaCha20-Poly1305 with a zero nonce, one message per key, the frame header as additional data.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { domain } from '../hash';
import { sodium } from '../group/sodium';
import { type RandomSource } from '../random';

/** Length of an X25519 public key. */
export const EXCHANGE_KEY_BYTES = 32;
/** How many bytes encryption adds. */
export const TAG_BYTES = 16;

const CIPHER = 'chacha20-poly1305';
const NONCE = Buffer.alloc(12);
const INFO_LABEL = Buffer.from(domain('p2p'), 'ascii');

/** The fresh X25519 key pair of one party in one session: libsodium's, whose keys are plain bytes that can be wiped. */
export class ExchangeKey {
  /** xk_i, 32 bytes. */
  readonly publicKey = Buffer.alloc(EXCHANGE_KEY_BYTES);
  private secret: Buffer | undefined;

  constructor(random: RandomSource) {
    this.secret = random(EXCHANGE_KEY_BYTES);
    sodium.crypto_scalarmult_base(this.publicKey, this.secret);
  }

  /** X25519 with the peer's key, 32 secret bytes; `undefined` when the output would be all zero (refused). */
  agree(peerKey: Uint8Array): Buffer | undefined {
    const { secret } = this;
    if (!secret) throw new RangeError('the exchange key was erased');
    const shared = Buffer.alloc(EXCHANGE_KEY_BYTES);
    try {
      sodium.crypto_scalarmult(shared, secret, peerKey);
    } catch {
      return undefined; // libsodium throws for a result of zero, which keys of small order give
    }
    return shared.some((byte) => byte !== 0) ? shared : undefined;
  }

  wipe(): void {
    this.secret?.fill(0);
    this.secret = undefined;
  }
}

/** Whether every exchange with the key gives zero, which convicts whoever broadcast it. */
export function hasSmallOrder(exchangeKey: Uint8Array): boolean {
  return new ExchangeKey((bytes) => Buffer.alloc(bytes, 1)).agree(exchangeKey) === undefined;
}

/** What the key of one direct message is bound to. */
export interface MessageContext {
  readonly sid: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly round: number;
  readonly fromKey: Uint8Array;
  readonly toKey: Uint8Array;
}

/** Ciphertext and tag, {@link TAG_BYTES} longer together than the plaintext. `header` is the frame header with that length. */
export function encryptMessage(
  shared: Uint8Array,
  context: MessageContext,
  header: Uint8Array,
  plaintext: Uint8Array,
): [ciphertext: Buffer, tag: Buffer] {
  const key = messageKey(shared, context);
  const cipher = createCipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  cipher.setAAD(header, { plaintextLength: plaintext.length });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  key.fill(0);
  return [ciphertext, cipher.getAuthTag()];
}

/** The plaintext; `undefined` when authentication fails. */
export function decryptMessage(
  shared: Uint8Array,
  context: MessageContext,
  header: Uint8Array,
  payload: Uint8Array,
): Buffer | undefined {
  const length = payload.length - TAG_BYTES;
  if (length < 0) return undefined;
  const key = messageKey(shared, context);
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAAD(header, { plaintextLength: length });
  decipher.setAuthTag(payload.subarray(length));
  const plaintext = decipher.update(payload.subarray(0, length));
  key.fill(0);
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}

function messageKey(shared: Uint8Array, context: MessageContext): Buffer {
  const addresses = Buffer.alloc(5);
  addresses.writeUInt16BE(context.from, 0);
  addresses.writeUInt16BE(context.to, 2);
  addresses.writeUInt8(context.round, 4);
  const info = Buffer.concat([INFO_LABEL, addresses, context.fromKey, context.toKey]);
  return Buffer.from(hkdfSync('sha256', shared, context.sid, info, 32));
}
