/**
 * The arithmetic of one multiplication over its xi rows (specification sections 6.1 to 6.4), behind a small interface so
 * that a WebAssembly kernel on limbs can take its place: BigInt is neither constant time nor wipeable (section 15).
 *
 * Bulk rows are 96 B: three 32-byte little-endian integers x_1, x_2, x_3. Single scalars are 32 B big-endian.
 */
import { addMasked, bitMask, LIMB_ROW, prepareAddend, subtractAdd, sumSelected, viewOf } from './limbs';
import { mod, Q, scalarFromBytes, scalarToBytes } from './scalar';
import { W } from './suite';

/** The vector operations of a multiplication. No operation branches on a secret, nor does an index depend on one. */
export interface RvoleKernel {
  /** atilde_b,x = alpha0_b,x - alpha1_b,x + a_x mod q, canonical. */
  blind(alpha0: Buffer, alpha1: Buffer, inputs: readonly [Buffer, Buffer, Buffer]): Buffer;
  /**
   * ddot_b,x = v_b,x + beta_b * atilde_b,x mod q, with beta_b * eta taken off the third column, so that the check column
   * of the receiver is the sender's.
   * @param firstBit index in `beta` of the first row's bit
   */
  unblind(v: Buffer, atilde: Buffer, eta: Buffer, beta: Buffer, firstBit: number): Buffer;
  /** Takes rows in for the two steps that read them. The kernel does not keep `rows` itself. */
  load(rows: Buffer): KernelRows;
  /** chi = sum_b beta_b * g_b mod q. */
  select(gadget: Buffer, beta: Buffer, firstBit: number): Buffer;
}

/** Rows inside a kernel. */
export interface KernelRows {
  /** x_b,3 + theta_1 * x_b,1 + theta_2 * x_b,2 mod q for all b, as concatenated lowercase 64-digit hex. */
  checkColumn(theta1: Buffer, theta2: Buffer): string;
  /** sum_b g_b * x_b,1 and sum_b g_b * x_b,2 mod q. */
  innerProducts(gadget: Buffer): [Buffer, Buffer];
}

/** The reference kernel: limbs for everything that selects, BigInt for products. */
export const bigintKernel: RvoleKernel = {
  blind(alpha0, alpha1, inputs) {
    const atilde = Buffer.alloc(alpha0.length);
    const [out, x, y] = [viewOf(atilde), viewOf(alpha0), viewOf(alpha1)];
    inputs.forEach((input, column) => {
      const addend = prepareAddend(Buffer.from(input).reverse());
      for (let at = column * LIMB_ROW; at < atilde.length; at += W * LIMB_ROW) {
        subtractAdd(out, at, x, y, addend);
      }
    });
    return atilde;
  },

  unblind(v, atilde, eta, beta, firstBit) {
    const ddot = Buffer.alloc(v.length);
    const [out, x, y, bits] = [viewOf(ddot), viewOf(v), viewOf(atilde), viewOf(beta)];
    const zero = viewOf(Buffer.alloc(LIMB_ROW));
    const minusEta = viewOf(scalarToBytes(mod(-scalarFromBytes(eta))).reverse());
    for (let at = 0, bit = firstBit; at < ddot.length; at += W * LIMB_ROW, bit++) {
      const mask = bitMask(bits, bit);
      addMasked(out, at, x, y, zero, mask);
      addMasked(out, at + LIMB_ROW, x, y, zero, mask);
      addMasked(out, at + 2 * LIMB_ROW, x, y, minusEta, mask);
    }
    return ddot;
  },

  load(rows) {
    return new BigIntRows(rows);
  },

  select(gadget, beta, firstBit) {
    return scalarToBytes(sumSelected(gadget, beta, firstBit) % Q);
  },
};

class BigIntRows implements KernelRows {
  private readonly values: (readonly [bigint, bigint, bigint])[] = [];

  constructor(rows: Buffer) {
    const view = viewOf(rows);
    for (let at = 0; at < rows.length; at += W * LIMB_ROW) {
      this.values.push([
        integerAt(view, at),
        integerAt(view, at + LIMB_ROW),
        integerAt(view, at + 2 * LIMB_ROW),
      ]);
    }
  }

  checkColumn(theta1: Buffer, theta2: Buffer): string {
    const [t1, t2] = [scalarFromBytes(theta1), scalarFromBytes(theta2)];
    let hex = '';
    for (const [x1, x2, x3] of this.values) {
      hex += ((x3 + t1 * x1 + t2 * x2) % Q).toString(16).padStart(2 * LIMB_ROW, '0');
    }
    return hex;
  }

  innerProducts(gadget: Buffer): [Buffer, Buffer] {
    const view = viewOf(gadget);
    let [sum1, sum2, at] = [0n, 0n, 0];
    for (const [x1, x2] of this.values) {
      const g = integerAt(view, at);
      sum1 += g * x1;
      sum2 += g * x2;
      at += LIMB_ROW;
    }
    return [scalarToBytes(sum1 % Q), scalarToBytes(sum2 % Q)];
  }
}

function integerAt(view: DataView, at: number): bigint {
  const high = (view.getBigUint64(at + 24, true) << 64n) | view.getBigUint64(at + 16, true);
  const low = (view.getBigUint64(at + 8, true) << 64n) | view.getBigUint64(at, true);
  return (high << 128n) | low;
}
