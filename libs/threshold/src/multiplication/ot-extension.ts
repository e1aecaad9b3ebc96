/**
 * OT extension: SoftSpokenOT with k = 1 in its KOS form (specification section 5), one run per batch and ordered pair.
 *
 * Instance (i -> j): i is the sender and knows Nabla and one seed of each base OT, j is the receiver and knows both.
 * The receiver speaks first. The sender ends with q_b, the receiver with t_b and its choice bits, q_b = t_b xor beta_b*Nabla.
 */
import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { H } from '../hash';
import { ExtensionMatrix } from './kernel/extension-matrix';
import { type PairState } from '../keygen/key-share';
import { bitMask, viewOf } from './limbs';
import { type RandomSource } from '../random';
import { expandSeeds } from './seed-expansion';
import { LAMBDA_C } from '../suite';

const BLOCK_BYTES = 16;
const KEY_BYTES = 16;

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

/** Bytes of a row: the transfers, padded to whole blocks, and the block that masks the check. */
function rowLength(ots: number): number {
  return BLOCK_BYTES * (Math.ceil(ots / LAMBDA_C) + 1);
}

/** Length in bytes of the receiver's message u || xt || tt for `ots` transfers. */
export function extensionMessageBytes(ots: number): number {
  return LAMBDA_C * rowLength(ots) + BLOCK_BYTES + LAMBDA_C * BLOCK_BYTES;
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
  const rowBytes = rowLength(ots);
  const iv = counterBlock(context);
  const beta = random(rowBytes);
  const message = Buffer.allocUnsafe(extensionMessageBytes(ots));
  const matrix = new ExtensionMatrix(rowBytes);
  try {
    expandSeeds(seeds.seeds0, iv, rowBytes, (m, row) => matrix.setRow(m, row));
    expandSeeds(seeds.seeds1, iv, rowBytes, (m, row) => matrix.setPartnerRow(m, row));
    const u = matrix.addChoices(beta);
    message.set(u);
    const h = linearHashKey(context, u);
    const columns = matrix.columns();
    const tags = matrix.hash(h);
    message.set(tags.choices, u.length);
    message.set(tags.rows, u.length + BLOCK_BYTES);
    return { message, extension: { beta, columns } };
  } finally {
    matrix.wipe();
  }
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
  const rowBytes = rowLength(ots);
  const u = message.subarray(0, LAMBDA_C * rowBytes);
  const matrix = new ExtensionMatrix(rowBytes);
  try {
    expandSeeds(secrets.seeds, counterBlock(context), rowBytes, (m, row) => matrix.setRow(m, row));
    matrix.addMasked(u, secrets.nabla);
    const columns = matrix.columns();
    const { rows } = matrix.hash(linearHashKey(context, u));
    if (timingSafeEqual(rows, expectedTags(message.subarray(u.length), secrets.nabla))) return columns;
    columns.fill(0);
    return undefined;
  } finally {
    matrix.wipe();
  }
}

/** tt_m xor (Nabla[m] ? xt : 0), from xt || tt. */
function expectedTags(tags: Buffer, nabla: Buffer): Buffer {
  const expected = Buffer.from(tags.subarray(BLOCK_BYTES));
  const [out, xt, bits] = [viewOf(expected), viewOf(tags), viewOf(nabla)];
  for (let at = 0; at < expected.length; at += 4) {
    const mask = bitMask(bits, Math.floor(at / BLOCK_BYTES));
    out.setUint32(at, out.getUint32(at, true) ^ (xt.getUint32(at % BLOCK_BYTES, true) & mask), true);
  }
  return expected;
}

/** h = AES_ck(0) of the linear hash (5.2), public; ck = H("ote/chi", pairctx, nu_j, u). */
function linearHashKey(context: ExtensionContext, u: Buffer): Buffer {
  const key = H('ote/chi', context.pairctx, context.receiverNonce, u).subarray(0, KEY_BYTES);
  return createCipheriv('aes-128-ecb', key, null).update(Buffer.alloc(BLOCK_BYTES));
}

function counterBlock(context: ExtensionContext): Buffer {
  return H('ote/iv', context.pairctx, context.receiverNonce).subarray(0, BLOCK_BYTES);
}
