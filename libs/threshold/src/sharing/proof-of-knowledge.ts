/** Schnorr proof of knowledge of the constant coefficient (specification section 3, round 2). */
import { type Group, hashToScalar } from '../group/group';
import { type Point } from '../group/point';
import { type RandomSource } from '../random';
import { SCALAR_BYTES, scalarToBytes } from '../group/scalar';

/** Length of K || z. */
export function knowledgeProofBytes(group: Group): number {
  return group.pointBytes + SCALAR_BYTES;
}

/**
 * K = k*G, c = HS("dkg/pok", ssid, i, A, K), z = k + c*a.
 *
 * @param secret a, 32 bytes big-endian
 * @param statement A = a*G
 * @returns K || z
 */
export function proveKnowledge(
  group: Group,
  ssid: Uint8Array,
  index: number,
  secret: Uint8Array,
  statement: Point,
  random: RandomSource,
): Buffer {
  const nonce = group.randomScalar(random);
  const commitment = group.multiplyBase(nonce);
  const c = challenge(group, ssid, index, statement, commitment);
  const product = group.multiplyScalars(secret, scalarToBytes(c));
  const response = group.addScalars(product, nonce);
  nonce.fill(0);
  product.fill(0);
  return Buffer.concat([commitment, response]);
}

/** z*G = K + c*A, for a proof of {@link knowledgeProofBytes} with a valid point K and a canonical z other than zero. */
export function verifyKnowledge(
  group: Group,
  ssid: Uint8Array,
  index: number,
  statement: Point,
  proof: Uint8Array,
): boolean {
  const commitment = group.parsePoint(proof.subarray(0, group.pointBytes));
  const response = proof.subarray(group.pointBytes);
  if (!commitment || !group.isNonZeroScalar(response)) return false;
  const c = challenge(group, ssid, index, statement, commitment);
  const expected = c === 0n ? commitment : group.addPoints(commitment, group.multiplyPublic(statement, c));
  return expected !== undefined && group.multiplyBase(response).equals(expected);
}

function challenge(
  group: Group,
  ssid: Uint8Array,
  index: number,
  statement: Point,
  commitment: Point,
): bigint {
  return hashToScalar(group, 'dkg/pok', ssid, index, statement, commitment);
}
