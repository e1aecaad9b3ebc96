/** Additive shares of zero from pairwise seeds (specification sections 3 and 7). */
import { H, HS } from '../hash';
import { mod } from '../group/scalar';

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
 * @throws RangeError when a seed is missing
 */
export function zeroShare(
  seeds: ReadonlyMap<number, Uint8Array>,
  index: number,
  committee: readonly number[],
  psid: Uint8Array,
  h1: Uint8Array,
): bigint {
  let share = 0n;
  for (const peer of committee) {
    if (peer === index) continue;
    const seed = seeds.get(peer);
    if (!seed) throw new RangeError(`no zero seed for party ${peer}`);
    const term = HS('zero/share', seed, psid, h1);
    share += peer < index ? term : -term;
  }
  return mod(share);
}
