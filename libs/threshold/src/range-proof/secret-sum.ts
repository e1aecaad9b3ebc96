/**
 * Multi-exponentiation in constant time, for the range proof's prover.
 *
 * The products stay in uncompressed form until they are summed: to decompress a point libsecp256k1 branches on the parity
 * of its y (`secp256k1_ge_set_xo_var`), which for a product with a small secret tells something about the secret.
 */
import { ecdh, publicKeyCombine, publicKeyConvert } from 'secp256k1/bindings';
import { POINT_BYTES, type Point } from '../group/point';

/** 04 || x || y. */
const UNCOMPRESSED_BYTES = 65;
const COORDINATE_BYTES = 32;

/** scalar * point, the scalar in [1, q): 32 bytes big-endian. */
export interface Term {
  readonly point: Point;
  readonly scalar: Uint8Array;
}

/**
 * The sum of the terms and of further points (compressed if they are public, else uncompressed), in constant time: each
 * product by ecmult_const through the library's Diffie-Hellman, the sum by its complete addition formula.
 *
 * @throws Error of the library for a scalar that is zero and for a sum that is the identity: with the blinded or random
 * scalars of the prover, a probability of 2^-256
 */
export function secretSum(terms: readonly Term[], points: readonly Uint8Array[] = []): Point {
  const xbuf = Buffer.alloc(COORDINATE_BYTES);
  const ybuf = Buffer.alloc(COORDINATE_BYTES);
  const encoded = Buffer.alloc(UNCOMPRESSED_BYTES, 4);
  const hashfn = () => {
    encoded.set(xbuf, 1);
    encoded.set(ybuf, 1 + COORDINATE_BYTES);
    return encoded;
  };
  const products: Uint8Array[] = [];
  try {
    for (const { point, scalar } of terms) {
      products.push(ecdh(point, scalar, { hashfn, xbuf, ybuf }, Buffer.alloc(UNCOMPRESSED_BYTES)));
    }
    return publicKeyCombine([...products, ...points], true, Buffer.alloc(POINT_BYTES)) as Point;
  } finally {
    for (const secret of [xbuf, ybuf, encoded, ...products]) secret.fill(0);
  }
}

/** 65 bytes uncompressed, in variable time: public points only. */
export function uncompressed(point: Point): Uint8Array {
  return publicKeyConvert(point, false);
}
