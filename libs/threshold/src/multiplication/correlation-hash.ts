/** The output hash of the OT extension: tweakable, correlation robust, from a fixed-key AES (specification section 5.5). */
import { createCipheriv } from 'node:crypto';
import { H } from '../hash';
import { viewOf } from './limbs';
import { type ExtensionContext } from './ot-extension';
import { W } from '../suite';

const BLOCK_BYTES = 16;
/** Output per OT: three 256-bit little-endian integers. */
export const OUTPUT_BYTES = W * 32;
const OUTPUT_BLOCKS = OUTPUT_BYTES / BLOCK_BYTES;
/** A tweak is 8 * (OT index) + (output block). */
const TWEAK_STEP = 8;

/** What everything after the receiver's message is bound to. */
export interface RunContext extends ExtensionContext {
  /** nu_i, the sender's nonce, 32 B. */
  readonly senderNonce: Buffer;
  /** rd = H("rv/r1", u, xt, tt), 32 B. */
  readonly messageDigest: Buffer;
}

/** AES_tk of one run: encrypts 16-byte blocks, any number at a time. The caller wipes the result where it is secret. */
export type BlockCipher = (blocks: Uint8Array) => Buffer;

/** rd of the receiver's message u || xt || tt. */
export function messageDigest(message: Buffer): Buffer {
  const tt = message.length - 128 * BLOCK_BYTES;
  const xt = tt - BLOCK_BYTES;
  return H('rv/r1', message.subarray(0, xt), message.subarray(xt, tt), message.subarray(tt));
}

/** AES_tk. Both nonces and the receiver's message are in tk, so every run is an instance of its own. */
export function correlationCipher(context: RunContext): BlockCipher {
  const { pairctx, receiverNonce, senderNonce, messageDigest: rd } = context;
  const key = H('ote/tcr', pairctx, receiverNonce, senderNonce, rd).subarray(0, BLOCK_BYTES);
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
}

/**
 * The hash of one run: y = AES_tk(x), out_c = AES_tk(y xor <8b + c>) xor y for c = 0..5, from rows of 16 B to rows of
 * 96 B. The kernel does the same in its own memory.
 * @param firstIndex number of the first row's OT in the run
 * @returns a buffer that the caller wipes
 */
export function correlationHash(encrypt: BlockCipher, rows: Buffer, firstIndex: number): Buffer {
  const first = encrypt(rows);
  const tweaked = Buffer.alloc(rows.length * OUTPUT_BLOCKS);
  spread(first, tweaked, firstIndex);
  const out = encrypt(tweaked);
  foldBack(first, out);
  first.fill(0);
  tweaked.fill(0);
  return out;
}

/** Writes y xor <8b + c> for c = 0..5 of every row y. */
function spread(rows: Buffer, out: Buffer, firstIndex: number): void {
  const [source, target] = [viewOf(rows), viewOf(out)];
  for (let from = 0, to = 0, tweak = firstIndex * TWEAK_STEP; from < rows.length; from += BLOCK_BYTES) {
    const [a, b] = [source.getUint32(from, true), source.getUint32(from + 4, true)];
    const [c, d] = [source.getUint32(from + 8, true), source.getUint32(from + 12, true)];
    for (let block = 0; block < OUTPUT_BLOCKS; block++, to += BLOCK_BYTES) {
      target.setUint32(to, a ^ (tweak + block), true);
      target.setUint32(to + 4, b, true);
      target.setUint32(to + 8, c, true);
      target.setUint32(to + 12, d, true);
    }
    tweak += TWEAK_STEP;
  }
}

/** Adds y to its six output blocks. */
function foldBack(rows: Buffer, out: Buffer): void {
  const [source, target] = [viewOf(rows), viewOf(out)];
  for (let from = 0, to = 0; from < rows.length; from += BLOCK_BYTES) {
    for (let block = 0; block < OUTPUT_BLOCKS; block++, to += BLOCK_BYTES) {
      for (let k = 0; k < BLOCK_BYTES; k += 4) {
        target.setUint32(to + k, target.getUint32(to + k, true) ^ source.getUint32(from + k, true), true);
      }
    }
  }
}
