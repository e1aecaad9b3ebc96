/**
 * Pedersen commitments, and verifiable secret sharing that hides the secret whatever an adversary can compute (Pedersen,
 * "Non-Interactive and Information-Theoretic Secure Verifiable Secret Sharing", CRYPTO '91): the dealer
 * publishes C_k = a_k*G + b_k*H, and everyone verifies its share with s_i*G + s'_i*H = sum_k i^k*C_k.
 *
 * Binding as long as nobody knows the discrete logarithm of H to G.
 */
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { H as hash } from '../hash';
import { type RandomSource } from '../random';
import { type Commitments, evaluateCommitments, type Polynomial, randomPolynomial } from './polynomial';
import { isShareIndex, polynomialWith, sharesOf, type SharingPolicy } from './shamir';

/** What one party receives; secret. */
export interface PedersenShare {
  /** s_i, 32 bytes big-endian: what gives the secret, with combineScalar. */
  readonly value: Buffer;
  /** s'_i, 32 bytes big-endian. */
  readonly blinding: Buffer;
}

export interface PedersenDealing {
  /** C_0 .. C_{t-1}, public: everyone must have the same ones. */
  readonly commitments: Commitments;
  /** By index, each for its holder alone. */
  readonly shares: ReadonlyMap<number, PedersenShare>;
}

const bases = new Map<Group, Point>();

/** H = hashToPoint(H("pedersen", name of the group)), the second generator; computed once. */
export function pedersenBase(group: Group): Point {
  const base = bases.get(group) ?? group.hashToPoint(hash('pedersen', group.name));
  bases.set(group, base);
  return base;
}

/**
 * value*G + blinding*H; `undefined` for the identity, which nobody can open. Constant time but for the parity of the
 * y-coordinate of blinding*H, which libsecp256k1 branches on when it adds.
 *
 * @param value 32 bytes big-endian in [1, order)
 * @param blinding 32 bytes big-endian in [1, order), uniform and used once: then the commitment hides the value perfectly
 * @throws InvalidInput for scalars out of range
 */
export function pedersenCommitment(group: Group, value: Uint8Array, blinding: Uint8Array): Point | undefined {
  const blinded = group.multiplySecret(pedersenBase(group), blinding);
  return group.addPoints(group.multiplyBase(value), blinded);
}

/**
 * Shares of a scalar with commitments that say nothing about it.
 *
 * @param secret 32 bytes big-endian in [1, order)
 * @throws InvalidInput for a secret out of range or an impossible policy
 */
export function dealPedersen(
  group: Group,
  secret: Uint8Array,
  policy: SharingPolicy,
  random: RandomSource,
): PedersenDealing {
  const values = polynomialWith(group, secret, policy, random);
  const blindings = randomPolynomial(group, policy.threshold, random);
  const commitments = commitBoth(group, values, blindings);
  const blindingShares = sharesOf(group, blindings, policy.indices);
  const shares = new Map<number, PedersenShare>();
  for (const [index, value] of sharesOf(group, values, policy.indices)) {
    const blinding = blindingShares.get(index);
    if (blinding) shares.set(index, { value, blinding });
  }
  for (const coefficient of [...values, ...blindings]) coefficient.fill(0);
  return { commitments, shares };
}

/** Whether the share of party `index` is the dealer's: t commitments and s*G + s'*H = sum_k index^k*C_k. */
export function verifyPedersenShare(
  group: Group,
  threshold: number,
  commitments: Commitments,
  index: number,
  { value, blinding }: { readonly value: Uint8Array; readonly blinding: Uint8Array },
): boolean {
  if (commitments.length !== threshold || !isShareIndex(index)) return false;
  if (!group.isNonZeroScalar(value) || !group.isNonZeroScalar(blinding)) return false;
  const expected = evaluateCommitments(group, commitments, index);
  return expected !== undefined && pedersenCommitment(group, value, blinding)?.equals(expected) === true;
}

function commitBoth(group: Group, values: Polynomial, blindings: Polynomial): Commitments {
  const commitTo = (value: Buffer, blinding: Buffer | undefined): Point => {
    const commitment = blinding && pedersenCommitment(group, value, blinding);
    if (!commitment) throw new RangeError('a random commitment is the identity');
    return commitment;
  };
  const [value, ...higher] = values;
  const [blinding, ...higherBlindings] = blindings;
  return [commitTo(value, blinding), ...higher.map((a, k) => commitTo(a, higherBlindings[k]))];
}
