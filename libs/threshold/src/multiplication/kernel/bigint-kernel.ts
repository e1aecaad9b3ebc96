/**
 * The reference kernel: limbs for everything that selects, BigInt for products. BigInt is neither constant time nor
 * wipeable (specification section 15), so this one is for tests.
 */
import { correlationHash } from '../correlation-hash';
import {
  addMasked,
  allCanonical,
  bitMask,
  LIMB_ROW,
  prepareAddend,
  subtractAdd,
  sumSelected,
  viewOf,
} from '../limbs';
import { type HashedColumns, type KernelRows, type RvoleKernel } from '../rvole-kernel';
import { mod, Q, scalarFromBytes, scalarToBytes } from '../../group/scalar';
import { W } from '../../suite';

export const bigintKernel: RvoleKernel = {
  blind({ encrypt, columns, firstIndex }, nabla, inputs, atilde) {
    const alpha0 = correlationHash(encrypt, columns, firstIndex);
    const alpha1 = correlationHash(encrypt, addNabla(columns, nabla), firstIndex);
    const [out, x, y] = [viewOf(atilde), viewOf(alpha0), viewOf(alpha1)];
    inputs.forEach((input, column) => {
      const addend = prepareAddend(Buffer.from(input).reverse());
      for (let at = column * LIMB_ROW; at < atilde.length; at += W * LIMB_ROW) {
        subtractAdd(out, at, x, y, addend);
      }
    });
    return new BigIntRows(alpha0);
  },

  unblind(source, atilde, eta, beta) {
    const rows = new BigIntRows(difference(source, atilde, eta, beta));
    return {
      checkColumn: (theta1, theta2) => rows.checkColumn(theta1, theta2),
      innerProducts: (gadget) => rows.innerProducts(gadget),
      select: (gadget) => scalarToBytes(sumSelected(gadget, beta, source.firstIndex) % Q),
    };
  },

  allCanonical,

  wipe() {
    // BigInts cannot be overwritten.
  },
};

function difference(source: HashedColumns, atilde: Buffer, eta: Buffer, beta: Buffer): Buffer {
  const { encrypt, columns, firstIndex } = source;
  const rows = correlationHash(encrypt, columns, firstIndex);
  const [x, y, bits] = [viewOf(rows), viewOf(atilde), viewOf(beta)];
  const zero = viewOf(Buffer.alloc(LIMB_ROW));
  const minusEta = viewOf(scalarToBytes(mod(-scalarFromBytes(eta))).reverse());
  for (let at = 0, bit = firstIndex; at < rows.length; at += W * LIMB_ROW, bit++) {
    const mask = bitMask(bits, bit);
    addMasked(x, at, x, y, zero, mask);
    addMasked(x, at + LIMB_ROW, x, y, zero, mask);
    addMasked(x, at + 2 * LIMB_ROW, x, y, minusEta, mask);
  }
  return rows;
}

function addNabla(columns: Buffer, nabla: Buffer): Buffer {
  return Buffer.from(columns.map((byte, k) => byte ^ (nabla[k % nabla.length] ?? 0)));
}

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

  checkColumn(theta1: Buffer, theta2: Buffer): Uint8Array {
    const [t1, t2] = [scalarFromBytes(theta1), scalarFromBytes(theta2)];
    let hex = '';
    for (const [x1, x2, x3] of this.values) {
      hex += ((x3 + t1 * x1 + t2 * x2) % Q).toString(16).padStart(2 * LIMB_ROW, '0');
    }
    return Buffer.from(hex, 'latin1');
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
