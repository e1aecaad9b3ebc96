/** The gadget vector of one multiplication, drawn after the sender's message is fixed (specification section 6). */
import { createCipheriv } from 'node:crypto';
import { type RunContext } from './correlation-hash';
import { H } from '../hash';
import { suite } from '../suite';

const ENTRY_BYTES = 32;
const ZERO_IV = Buffer.alloc(16);
/** Plaintext of the largest gadget. */
const ZEROS = Buffer.alloc(suite(2).xi * ENTRY_BYTES);

/**
 * g_1..g_xi as xi * 32 B, little-endian, to be taken mod q. Never cached, never chosen earlier: a gadget known in advance
 * lets a malicious sender choose which choice bits to guess (ePrint 2026/976).
 * @param p index of the presignature in its batch
 */
export function gadget(
  context: RunContext,
  p: number,
  message: { readonly atilde: Buffer; readonly eta: Buffer; readonly mu: Buffer },
  xi: number,
): Buffer {
  const { pairctx, receiverNonce, senderNonce, messageDigest } = context;
  const { atilde, eta, mu } = message;
  const seed = H('gadget', pairctx, receiverNonce, senderNonce, messageDigest, p, atilde, eta, mu);
  return createCipheriv('aes-256-ctr', seed, ZERO_IV).update(ZEROS.subarray(0, xi * ENTRY_BYTES));
}
