/** The checks of Gamma^u and Gamma^v over a whole batch (specification section 7, checks 5 and 6). */
import { timingSafeEqual } from 'node:crypto';
import { addPoints, multiplyBase, multiplyPublic, multiplySecret, type Point } from '../group/point';
import { type RandomSource } from '../random';
import { addScalarBytes, bytesToInteger, multiplyScalarBytes, SCALAR_BYTES } from '../group/scalar';

const WEIGHT_BYTES = 16;

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
  const [left, right, products]: [Point[], Point[], Buffer[]] = [[], [], []];
  for (const { point, claims } of groups) {
    const weighted = claims.map(({ chi, d, gamma }) => {
      const weight = randomWeight(random);
      right.push(multiplyPublic(gamma, bytesToInteger(weight)));
      products.push(multiplyScalarBytes(d, weight));
      return multiplyScalarBytes(chi, weight);
    });
    const factor = sumAndWipe(weighted);
    left.push(multiplySecret(point, factor));
    factor.fill(0);
  }
  const product = sumAndWipe(products);
  right.push(multiplyBase(product));
  product.fill(0);
  const [leftSum, rightSum] = [addPoints(...left), addPoints(...right)];
  return leftSum !== undefined && rightSum !== undefined && timingSafeEqual(leftSum, rightSum);
}

/** In [0, 2^128), as a 32-byte scalar; zero has probability 2^-128. */
function randomWeight(random: RandomSource): Buffer {
  return Buffer.concat([Buffer.alloc(SCALAR_BYTES - WEIGHT_BYTES), random(WEIGHT_BYTES)]);
}

function sumAndWipe(terms: readonly Buffer[]): Buffer {
  return terms.reduce((total, term) => {
    const sum = addScalarBytes(total, term);
    total.fill(0);
    term.fill(0);
    return sum;
  });
}
