/** The checks of Gamma^u and Gamma^v over a whole batch (specification section 7, checks 5 and 6). */
import { timingSafeEqual } from 'node:crypto';
import { addPoints, multiplyBase, multiplyPublic, multiplySecret, type Point } from '../group/point';
import { multiplySecretEach } from '../group/point-batch';
import { type RandomSource } from '../random';
import { addScalarBytes, bytesToInteger, multiplyScalarBytes, SCALAR_BYTES } from '../group/scalar';

const HALF_WEIGHT_BYTES = 8;
/** lambda, a cube root of 1 mod q: lambda * (x, y) = (beta * x, y). */
const LAMBDA = Buffer.from('5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72', 'hex');

/** chi * point = d * G + gamma, with chi and d secret, 32 B each. */
export interface ProductClaim {
  readonly chi: Buffer;
  readonly d: Buffer;
  readonly gamma: Point;
}

/** Claims about one point. */
export interface ProductClaims {
  readonly point: Point;
  readonly claims: readonly ProductClaim[];
}

/** Whether a single claim holds. */
export function productHolds(point: Point, { chi, d, gamma }: ProductClaim): boolean {
  const sum = addPoints(multiplyBase(d), gamma);
  return sum !== undefined && timingSafeEqual(multiplySecret(point, chi), sum);
}

/**
 * Whether all claims hold, by their sum with random weights of 128 bits, which nobody else learns: a false claim passes
 * with probability 2^-128. One secret multiplication per point and one by G replace two of each per presignature.
 */
export function allProductsHold(groups: readonly ProductClaims[], random: RandomSource): boolean {
  const [left, right, products]: [[Point, Buffer][], Point[], Buffer[]] = [[], [], []];
  for (const { point, claims } of groups) {
    const weighted = claims.map(({ chi, d, gamma }) => {
      const weight = randomWeight(random);
      right.push(multiplyPublic(gamma, bytesToInteger(weight)));
      products.push(multiplyScalarBytes(d, weight));
      return multiplyScalarBytes(chi, weight);
    });
    left.push([point, sumAndWipe(weighted)]);
  }
  const product = sumAndWipe(products);
  right.push(multiplyBase(product));
  product.fill(0);
  const [leftSum, rightSum] = [addPoints(...multiplySecretEach(left)), addPoints(...right)];
  for (const [, factor] of left) factor.fill(0);
  return leftSum !== undefined && rightSum !== undefined && timingSafeEqual(leftSum, rightSum);
}

/**
 * a + b * lambda mod q with a and b random in [2^64, 2^65), as a 32-byte scalar: one of 2^128, all different and none
 * zero, because no a + b * lambda with |a|, |b| < 2^126 is zero mod q (Gallant, Lambert, Vanstone 2001). The library
 * takes scalars apart in this way, and multiplies with two halves of 65 bits in half the time of two of 128.
 */
function randomWeight(random: RandomSource): Buffer {
  const weight = multiplyScalarBytes(LAMBDA, halfWeight(random));
  return addScalarBytes(weight, halfWeight(random));
}

function halfWeight(random: RandomSource): Buffer {
  const half = Buffer.alloc(SCALAR_BYTES);
  half.set(random(HALF_WEIGHT_BYTES), SCALAR_BYTES - HALF_WEIGHT_BYTES);
  half[SCALAR_BYTES - HALF_WEIGHT_BYTES - 1] = 1;
  return half;
}

function sumAndWipe(terms: readonly Buffer[]): Buffer {
  return terms.reduce((total, term) => {
    const sum = addScalarBytes(total, term);
    total.fill(0);
    term.fill(0);
    return sum;
  });
}
