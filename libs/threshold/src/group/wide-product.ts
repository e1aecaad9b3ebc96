/** Integer multiplication of 256-bit secrets with fixed loops: no branch and no index depends on a value. */

const LIMBS = 16;
const LIMB = 2 ** 16;

/**
 * a * b as an integer.
 *
 * @param a 32 bytes big-endian
 * @param b 32 bytes big-endian
 * @returns 64 bytes big-endian; the caller wipes them
 */
export function wideProduct(a: Uint8Array, b: Uint8Array): Buffer {
  const [x, y] = [limbs(a), limbs(b)];
  const columns = new Float64Array(2 * LIMBS); // 16 products below 2^32 and a carry: exact below 2^53
  for (let i = 0; i < LIMBS; i++) {
    for (let j = 0; j < LIMBS; j++) columns[i + j] = (columns[i + j] ?? 0) + (x[i] ?? 0) * (y[j] ?? 0);
  }
  const product = Buffer.alloc(4 * LIMBS);
  let carry = 0;
  for (let k = 0; k < 2 * LIMBS; k++) {
    const column = (columns[k] ?? 0) + carry;
    carry = Math.floor(column / LIMB);
    product.writeUInt16BE(column - carry * LIMB, 2 * (2 * LIMBS - 1 - k));
  }
  for (const secret of [x, y, columns]) secret.fill(0);
  return product;
}

/** Little-endian limbs of 16 bits. */
function limbs(bytes: Uint8Array): Float64Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: LIMBS }, (_, k) => view.readUInt16BE(2 * (LIMBS - 1 - k)));
}
