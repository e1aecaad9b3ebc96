/** Schnorr proof of knowledge of the constant coefficient (specification section 3, round 2). */
import { HS } from '../hash';
import { addPoints, multiplyBase, multiplyPublic, parsePoint, POINT_BYTES, type Point } from '../group/point';
import { type RandomSource } from '../random';
import {
  addScalarBytes,
  isNonZeroScalar,
  multiplyScalarBytes,
  randomScalarBytes,
  SCALAR_BYTES,
  scalarToBytes,
} from '../group/scalar';

/** K (33 B) || z (32 B). */
export const PROOF_BYTES = POINT_BYTES + SCALAR_BYTES;

/**
 * K = k*G, c = HS("dkg/pok", ssid, i, A, K), z = k + c*a.
 *
 * @param secret a, 32 bytes big-endian
 * @param statement A = a*G
 * @returns K || z, 65 bytes
 */
export function proveKnowledge(
  ssid: Uint8Array,
  index: number,
  secret: Uint8Array,
  statement: Point,
  random: RandomSource,
): Buffer {
  const nonce = randomScalarBytes(random);
  const commitment = multiplyBase(nonce);
  const product = multiplyScalarBytes(secret, scalarToBytes(challenge(ssid, index, statement, commitment)));
  const response = addScalarBytes(product, nonce);
  nonce.fill(0);
  product.fill(0);
  return Buffer.concat([commitment, response]);
}

/** z*G = K + c*A, for a proof of 65 bytes with a valid point K and a canonical z other than zero. */
export function verifyKnowledge(
  ssid: Uint8Array,
  index: number,
  statement: Point,
  proof: Uint8Array,
): boolean {
  const commitment = parsePoint(proof.subarray(0, POINT_BYTES));
  const response = proof.subarray(POINT_BYTES);
  if (!commitment || !isNonZeroScalar(response)) return false;
  const c = challenge(ssid, index, statement, commitment);
  const expected = c === 0n ? commitment : addPoints(commitment, multiplyPublic(statement, c));
  return expected !== undefined && multiplyBase(response).equals(expected);
}

function challenge(ssid: Uint8Array, index: number, statement: Point, commitment: Point): bigint {
  return HS('dkg/pok', ssid, index, statement, commitment);
}
