/**
 * The arithmetic of one multiplication over its xi rows (specification sections 5.5 and 6.1 to 6.4), behind a small
 * interface: the WebAssembly kernel computes, and the BigInt kernel is what tests compare it with.
 *
 * Bulk rows are 96 B: three 32-byte little-endian integers x_1, x_2, x_3. Single scalars are 32 B big-endian.
 */
import { type BlockCipher } from './correlation-hash';

/** The columns of one multiplication (16 B each) and the hash that turns them into rows. */
export interface HashedColumns {
  readonly encrypt: BlockCipher;
  readonly columns: Buffer;
  /** Number of the first column in its run: its tweak, and the index of its choice bit. */
  readonly firstIndex: number;
}

/** The vector operations of a multiplication. No operation branches on a secret, nor does an index depend on one. */
export interface RvoleKernel {
  /**
   * The sender's rows: alpha0 = out(q_b). Fills `atilde` with alpha0_b,x - alpha1_b,x + a_x mod q, canonical, where
   * alpha1 = out(q_b xor Nabla).
   * @param atilde 96 B per column
   */
  blind(
    source: HashedColumns,
    nabla: Buffer,
    inputs: readonly [Buffer, Buffer, Buffer],
    atilde: Buffer,
  ): KernelRows;
  /**
   * The receiver's rows: out(t_b) + beta_b * atilde_b, with beta_b * eta taken off the third column, so that the check
   * column of the receiver is the sender's.
   * @param beta packed choice bits of the run
   */
  unblind(source: HashedColumns, atilde: Buffer, eta: Buffer, beta: Buffer): ReceiverRows;
  /** Whether all little-endian integers of `rows` are below q. All are read, whatever they hold. */
  allCanonical(rows: Buffer): boolean;
  /** Overwrites everything that the kernel still holds. Call it when a run of multiplications ends. */
  wipe(): void;
}

/** Rows inside a kernel, until its next call of `blind`, `unblind` or `wipe`. */
export interface KernelRows {
  /**
   * x_b,3 + theta_1 * x_b,1 + theta_2 * x_b,2 mod q for all b, as concatenated lowercase 64-digit hex in ASCII.
   * Valid until the next call of any function of the kernel.
   */
  checkColumn(theta1: Buffer, theta2: Buffer): Uint8Array;
  /** sum_b g_b * x_b,1 and sum_b g_b * x_b,2 mod q. */
  innerProducts(gadget: Buffer): [Buffer, Buffer];
}

export interface ReceiverRows extends KernelRows {
  /** chi = sum_b beta_b * g_b mod q. */
  select(gadget: Buffer): Buffer;
}
