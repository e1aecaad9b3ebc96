/**
 * OT extension: SoftSpokenOT with k = 1 in its KOS form (specification section 5), one run per batch and ordered pair.
 *
 * Instance (i -> j): i is the sender and knows Nabla and one seed of each base OT, j is the receiver and knows both.
 * The receiver speaks first. The sender ends with q_b, the receiver with t_b and its choice bits, q_b = t_b xor beta_b*Nabla.
 */
import { createCipheriv } from 'node:crypto';
import { H } from './hash';
import { type PairState } from './key-share';
import { bitMask, viewOf } from './limbs';
import { type RandomSource } from './random';
import { LAMBDA_C } from './suite';
import { transposeBits } from './transpose';

const SEED_BYTES = 32;
const BLOCK_BYTES = 16;
const KEY_BYTES = 16;
const GCM_IV = Buffer.alloc(12);

/** What the receiver's message is bound to. */
export interface ExtensionContext {
  /** pairctx = H("pre/pair", psid, i, j, pe_ij), 32 B. */
  readonly pairctx: Buffer;
  /** nu_j, the receiver's nonce, 32 B. */
  readonly receiverNonce: Buffer;
}

/** The receiver's secrets between its message and the sender's answer. */
export interface ReceiverExtension {
  /** Packed choice bits: the first `ots` bits of beta; the rest is padding and the mask of the check. */
  readonly beta: Buffer;
  /** t_b, 16 B each. */
  readonly columns: Buffer;
}

/** Row length in bytes and column count L for a number of OTs: L' = L + 128 bits per row. */
function dimensions(ots: number): { columns: number; rowBytes: number } {
  const columns = LAMBDA_C * Math.ceil(ots / LAMBDA_C);
  return { columns, rowBytes: (columns + LAMBDA_C) / 8 };
}

/** Length in bytes of the receiver's message u || xt || tt for `ots` transfers. */
export function extensionMessageBytes(ots: number): number {
  return LAMBDA_C * dimensions(ots).rowBytes + BLOCK_BYTES + LAMBDA_C * BLOCK_BYTES;
}

/**
 * The receiver's message (5.1 to 5.3).
 * @param seeds k_m,0 and k_m,1
 * @param ots number of transfers, a multiple of nothing: rows are padded
 * @returns the message and the secrets to keep; the caller wipes them with {@link wipeReceiverExtension}
 */
export function startExtension(
  seeds: PairState['asReceiver'],
  context: ExtensionContext,
  ots: number,
  random: RandomSource,
): { message: Buffer; extension: ReceiverExtension } {
  const { columns, rowBytes } = dimensions(ots);
  const iv = counterBlock(context);
  const zeros = Buffer.alloc(rowBytes);
  const beta = random(rowBytes);
  const t0 = Buffer.alloc(LAMBDA_C * rowBytes);
  const message = Buffer.alloc(extensionMessageBytes(ots));
  const choice = viewOf(beta);
  const target = viewOf(message);
  for (let m = 0; m < LAMBDA_C; m++) {
    const row0 = keystream(seedAt(seeds.seeds0, m), iv, zeros);
    const row1 = keystream(seedAt(seeds.seeds1, m), iv, zeros);
    const [view0, view1] = [viewOf(row0), viewOf(row1)];
    for (let k = 0; k < rowBytes; k += 4) {
      const word = view0.getUint32(k, true) ^ view1.getUint32(k, true) ^ choice.getUint32(k, true);
      target.setUint32(m * rowBytes + k, word, true);
    }
    t0.set(row0, m * rowBytes);
    row0.fill(0);
    row1.fill(0);
  }
  const u = message.subarray(0, LAMBDA_C * rowBytes);
  const hash = linearHash(context, u, columns / 8);
  message.set(hash(beta), u.length);
  for (let m = 0; m < LAMBDA_C; m++) {
    const row = t0.subarray(m * rowBytes, (m + 1) * rowBytes);
    message.set(hash(row), u.length + BLOCK_BYTES * (m + 1));
  }
  const extension = { beta, columns: transposeBits(t0, rowBytes, columns) };
  t0.fill(0);
  return { message, extension };
}

/** Overwrites the receiver's secrets. */
export function wipeReceiverExtension(extension: ReceiverExtension): void {
  extension.beta.fill(0);
  extension.columns.fill(0);
}

/**
 * The sender's side (5.4): recomputes its matrix and checks the receiver's consistency.
 * @param message `extensionMessageBytes(ots)` bytes
 * @returns q_b, 16 B each, which the caller wipes; `undefined` when the check fails: BAN, and the pair is dead
 */
export function answerExtension(
  secrets: PairState['asSender'],
  context: ExtensionContext,
  ots: number,
  message: Buffer,
): Buffer | undefined {
  const { columns, rowBytes } = dimensions(ots);
  const u = message.subarray(0, LAMBDA_C * rowBytes);
  const iv = counterBlock(context);
  const zeros = Buffer.alloc(rowBytes);
  const rows = Buffer.alloc(LAMBDA_C * rowBytes);
  const [source, target, nabla] = [viewOf(u), viewOf(rows), viewOf(secrets.nabla)];
  for (let m = 0; m < LAMBDA_C; m++) {
    const row = keystream(seedAt(secrets.seeds, m), iv, zeros);
    const view = viewOf(row);
    const mask = bitMask(nabla, m);
    for (let k = 0, at = m * rowBytes; k < rowBytes; k += 4, at += 4) {
      target.setUint32(at, view.getUint32(k, true) ^ (source.getUint32(at, true) & mask), true);
    }
    row.fill(0);
  }

  const hash = linearHash(context, u, columns / 8);
  const check = viewOf(message.subarray(u.length));
  let difference = 0;
  for (let m = 0; m < LAMBDA_C; m++) {
    const actual = viewOf(hash(rows.subarray(m * rowBytes, (m + 1) * rowBytes)));
    const mask = bitMask(nabla, m);
    for (let k = 0; k < BLOCK_BYTES; k += 4) {
      const expected = check.getUint32(BLOCK_BYTES * (m + 1) + k, true) ^ (check.getUint32(k, true) & mask);
      difference |= actual.getUint32(k, true) ^ expected;
    }
  }
  const q = difference === 0 ? transposeBits(rows, rowBytes, columns) : undefined;
  rows.fill(0);
  return q;
}

/**
 * lin(y) = GMAC_ck(y_1..y_M) xor GMAC_ck(0^L) xor y_{M+1} (5.2), linear over GF(2) and public-coin.
 * @param columnBytes L / 8; a row has one block more, its mask
 */
export function linearHash(
  context: ExtensionContext,
  u: Buffer,
  columnBytes: number,
): (row: Buffer) => Buffer {
  const key = H('ote/chi', context.pairctx, context.receiverNonce, u).subarray(0, KEY_BYTES);
  const offset = viewOf(gmac(key, Buffer.alloc(columnBytes)));
  return (row) => {
    const tag = gmac(key, row.subarray(0, columnBytes));
    const [out, mask] = [viewOf(tag), viewOf(row)];
    for (let k = 0; k < BLOCK_BYTES; k += 4) {
      const word = offset.getUint32(k, true) ^ mask.getUint32(columnBytes + k, true);
      out.setUint32(k, out.getUint32(k, true) ^ word, true);
    }
    return tag;
  };
}

function gmac(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, GCM_IV).setAAD(data);
  cipher.final();
  return cipher.getAuthTag();
}

function counterBlock(context: ExtensionContext): Buffer {
  return H('ote/iv', context.pairctx, context.receiverNonce).subarray(0, BLOCK_BYTES);
}

function keystream(seed: Buffer, iv: Buffer, zeros: Buffer): Buffer {
  return createCipheriv('aes-256-ctr', seed, iv).update(zeros);
}

function seedAt(seeds: Buffer, m: number): Buffer {
  return seeds.subarray(m * SEED_BYTES, (m + 1) * SEED_BYTES);
}
