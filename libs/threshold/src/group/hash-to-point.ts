/** Hash to a point of unknown discrete logarithm, by try-and-increment (specification section 1.2). */
import { H } from '../hash';
import { isPoint, POINT_BYTES, type Point } from './point';
import { parsePointEach } from './point-batch';
import { type RandomSource } from '../random';

/**
 * For ctr = 0, 1, ..: x = H("h2p/x", d, ctr), sign = lsb of the first byte of H("h2p/s", d, ctr); the first x on the curve.
 * Variable time: a caller whose choice of `digest` is secret evaluates every digest it might have chosen (section 4.2).
 *
 * @param digest d, 32 bytes
 */
export function hashToPoint(digest: Uint8Array): Point {
  const candidate = Buffer.alloc(POINT_BYTES);
  for (let counter = 0; ; counter++) {
    candidate.set(H('h2p/x', digest, counter), 1);
    candidate[0] = 2; // whether x is on the curve does not depend on the sign
    if (!isPoint(candidate)) continue;
    candidate[0] = 2 | (H('h2p/s', digest, counter).readUInt8(0) & 1);
    return candidate;
  }
}

/** hashToPoint of each: all first candidates at once, then the second ones of the rest, .. */
export function hashToPointEach(digests: readonly Uint8Array[]): Point[] {
  const points: Point[] = [];
  let open = digests.map((digest, k) => ({ digest, k }));
  for (let counter = 0; open.length > 0; counter++) {
    const candidates = parsePointEach(open.map(({ digest }) => candidateOf(digest, counter)));
    open.forEach(({ k }, at) => {
      const point = candidates[at];
      if (point) points[k] = point;
    });
    open = open.filter((_, at) => !candidates[at]);
  }
  return points;
}

function candidateOf(digest: Uint8Array, counter: number): Buffer {
  const candidate = Buffer.allocUnsafe(POINT_BYTES);
  candidate[0] = 2 | (H('h2p/s', digest, counter).readUInt8(0) & 1);
  candidate.set(H('h2p/x', digest, counter), 1);
  return candidate;
}

/** A uniform point whose discrete logarithm nobody knows. */
export function randomPoint(random: RandomSource): Point {
  for (;;) {
    const candidate = random(POINT_BYTES);
    candidate[0] = 2 | (candidate.readUInt8(0) & 1);
    if (isPoint(candidate)) return candidate;
  }
}
