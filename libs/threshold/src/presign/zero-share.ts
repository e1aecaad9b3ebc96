/** Additive shares of zero from pairwise seeds (specification sections 3 and 7). */
import { addScalarBytes, negateScalar, secretScalarHash } from '../group/scalar';
import { H } from '../hash';

/** z_ij = H("zero/seed", ssid, min, max, contribution of min, contribution of max), 32 bytes. */
export function zeroSeed(
  ssid: Uint8Array,
  own: { readonly index: number; readonly contribution: Uint8Array },
  peer: { readonly index: number; readonly contribution: Uint8Array },
): Buffer {
  const [low, high] = own.index < peer.index ? [own, peer] : [peer, own];
  return H('zero/seed', ssid, low.index, high.index, low.contribution, high.contribution);
}

/**
 * zeta_i = sum over j < i of f_ij - sum over j > i of f_ij with f_ij = HS("zero/share", z_ij, psid, h1):
 * the shares of a committee sum to zero. Secret.
 *
 * @param seeds z_ij (32 B) by peer index
 * @param committee party indices, with or without `index`
 * @returns 32 bytes that the caller wipes
 * @throws RangeError when a seed is missing, or for a committee of nobody else
 */
export function zeroShare(
  seeds: ReadonlyMap<number, Uint8Array>,
  index: number,
  committee: readonly number[],
  psid: Uint8Array,
  h1: Uint8Array,
): Buffer {
  const terms = committee
    .filter((peer) => peer !== index)
    .map((peer) => {
      const seed = seeds.get(peer);
      if (!seed) throw new RangeError(`no zero seed for party ${peer}`);
      const term = secretScalarHash('zero/share', seed, psid, h1);
      return peer < index ? term : negateScalar(term);
    });
  const [first, ...others] = terms;
  if (!first) throw new RangeError('a committee has two parties at least');
  return others.reduce((sum, term) => {
    const next = addScalarBytes(sum, term);
    for (const secret of [sum, term]) secret.fill(0);
    return next;
  }, first);
}
