/**
 * Verifiable secret sharing (Feldman, "A Practical Scheme for Non-interactive Verifiable Secret Sharing", FOCS 1987): the
 * dealer publishes A_k = a_k*G, and everyone verifies its share with s_i*G = sum_k i^k*A_k.
 *
 * Binding without assumption: all shares that verify lie on one polynomial of degree t - 1. It hides only as far as
 * discrete logarithms are hard, and shows A_0 = secret*G: for a secret that could be guessed use pedersen.ts.
 */
import { type Group } from '../group/group';
import { type RandomSource } from '../random';
import { commit, type Commitments, shareMatches } from './polynomial';
import { isShareIndex, polynomialWith, sharesOf, type SharingPolicy } from './shamir';

export interface FeldmanDealing {
  /** A_0 .. A_{t-1}, public: everyone must have the same ones. */
  readonly commitments: Commitments;
  /** 32 bytes by index, each for its holder alone. */
  readonly shares: ReadonlyMap<number, Buffer>;
}

/**
 * Shares of a scalar with the commitments.
 *
 * @param secret 32 bytes big-endian in [1, order)
 * @throws InvalidInput for a secret out of range or an impossible policy
 */
export function dealFeldman(
  group: Group,
  secret: Uint8Array,
  policy: SharingPolicy,
  random: RandomSource,
): FeldmanDealing {
  const polynomial = polynomialWith(group, secret, policy, random);
  const dealing = {
    commitments: commit(group, polynomial),
    shares: sharesOf(group, polynomial, policy.indices),
  };
  for (const coefficient of polynomial) coefficient.fill(0);
  return dealing;
}

/**
 * Whether the share of party `index` is the dealer's: t commitments and s*G = sum_k index^k*A_k. With more commitments a
 * dealer would raise the degree, and t honest shares would not give the secret.
 *
 * @param share any bytes
 */
export function verifyFeldmanShare(
  group: Group,
  threshold: number,
  commitments: Commitments,
  index: number,
  share: Uint8Array,
): boolean {
  if (commitments.length !== threshold || !isShareIndex(index)) return false;
  return shareMatches(group, share, commitments, index);
}
