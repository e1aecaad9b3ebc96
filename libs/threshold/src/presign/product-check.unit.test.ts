import { addPoints, multiplyBase, multiplyPublic, negatePoint, type Point } from '../group/point';
import { mod, randomScalar, scalarToBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';
import { allProductsHold, type ProductClaim, type ProductClaims, productHolds } from './product-check';

const random = seededRandom('claims');
/** A cube root of 1 mod q (Gallant, Lambert, Vanstone 2001). */
const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

/** A true claim about point = x * G: gamma = (chi * x - d) * G. */
function trueClaim(x: bigint): ProductClaim {
  const [chi, d] = [randomScalar(random), randomScalar(random)];
  return { chi: scalarToBytes(chi), d: scalarToBytes(d), gamma: multiplyBase(mod(chi * x - d)) };
}

function claimsOf(counts: readonly number[]): ProductClaims[] {
  return counts.map((count) => {
    const x = randomScalar(random);
    return { point: multiplyBase(x), claims: Array.from({ length: count }, () => trueClaim(x)) };
  });
}

const sum = (...points: Point[]): Point => {
  const total = addPoints(...points);
  if (!total) throw new Error('not the identity');
  return total;
};

describe('the Gamma checks of a batch (section 7)', () => {
  it.each([[[1]], [[1, 1]], [[1, 1, 1, 3]]])('true claims hold, %j per point', (counts) => {
    const groups = claimsOf(counts);
    expect(allProductsHold(groups, random)).toBe(true);
    expect(groups.every(({ point, claims }) => claims.every((it) => productHolds(point, it)))).toBe(true);
  });

  it('any single false claim is found', () => {
    for (const [group, at] of [
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 2],
    ] as const) {
      const groups = claimsOf([1, 1, 3]);
      const claims = groups[group]?.claims.map((it, k) =>
        k === at ? { ...it, gamma: sum(it.gamma, multiplyBase(1n)) } : it,
      );
      const point = groups[group]?.point;
      if (!claims || !point) throw new Error('no such claim');
      groups[group] = { point, claims };
      expect(allProductsHold(groups, random)).toBe(false);
      expect(claims.map((it) => productHolds(point, it))).toEqual(claims.map((_, k) => k !== at));
    }
  });

  it('two false claims whose errors cancel without weights are found', () => {
    const [nonces, key] = claimsOf([1, 1]);
    const [first, second] = [nonces?.claims[0], key?.claims[0]];
    if (!nonces || !key || !first || !second) throw new Error('two claims');
    const error = multiplyPublic(multiplyBase(1n), 12345n);
    const groups = [
      { point: nonces.point, claims: [{ ...first, gamma: sum(first.gamma, error) }] },
      { point: key.point, claims: [{ ...second, gamma: sum(second.gamma, negatePoint(error)) }] },
    ];
    expect(allProductsHold(groups, random)).toBe(false);
  });

  it('a weight is a * lambda + b with a and b of 65 bits: who knew them could let errors cancel', () => {
    const halves = [0n, 0xffff_ffff_ffff_ffffn, 0x0123_4567_89ab_cdefn, 1n];
    const [a1, b1, a2, b2] = halves.map((half) => 2n ** 64n + half) as [bigint, bigint, bigint, bigint];
    const [w1, w2] = [mod(a1 * LAMBDA + b1), mod(a2 * LAMBDA + b2)];
    const [nonces, key] = claimsOf([1, 1]);
    const [first, second] = [nonces?.claims[0], key?.claims[0]];
    if (!nonces || !key || !first || !second) throw new Error('two claims');
    const groups = [
      { point: nonces.point, claims: [{ ...first, gamma: sum(first.gamma, multiplyBase(w2)) }] },
      { point: key.point, claims: [{ ...second, gamma: sum(second.gamma, multiplyBase(mod(-w1))) }] },
    ];
    const left = halves.map((half) => scalarToBytes(half).subarray(-8));
    expect(allProductsHold(groups, () => left.shift() ?? Buffer.alloc(8))).toBe(true);
    expect(allProductsHold(groups, random)).toBe(false);
  });

  it('a sum that is the identity is not the other one', () => {
    const [group] = claimsOf([1]);
    const claim = group?.claims[0];
    if (!group || !claim) throw new Error('a claim');
    const { point } = group;
    const toIdentity = { ...claim, gamma: negatePoint(multiplyBase(claim.d)) };
    expect(productHolds(point, toIdentity)).toBe(false);
    expect(allProductsHold([{ point, claims: [toIdentity] }], random)).toBe(false);
    const opposite = { point: negatePoint(point), claims: [claim] };
    const alike = (length: number) => Buffer.alloc(length, 1);
    expect(allProductsHold([group, opposite], alike)).toBe(false);
  });
});
