/**
 * Arithmetic on lists of points of secp256k1, in the kernel (libs/threshold/assembly/curve): two points at a time in the
 * lanes of vectors, one inversion for all. From a few points on that takes a third to a half of libsecp256k1's time.
 *
 * The results are those of point.ts, one by one, and constant time means the same. Where the kernel's formulas do not
 * apply (a sum of equal points, or one of a handful of multipliers) libsecp256k1 computes.
 */
import { InvalidInput } from '../errors';
import { kernelInstance } from '../multiplication/kernel/kernel-module';
import {
  addPoints,
  coordinates,
  multiplyBase,
  multiplySecret,
  type Point,
  POINT_BYTES,
  pointFromCoordinates,
} from './point';
import { isNonZeroScalar, SCALAR_BYTES } from './scalar';

/** Points of one call of the kernel at most; a sum has two. */
const MAX_POINTS = 256;
const COORDINATE_BYTES = 32;
const ENCODED_BYTES = 2 * COORDINATE_BYTES;

/**
 * secret * G of each, constant time.
 *
 * @throws InvalidInput for a secret outside [1, q)
 */
export function multiplyBaseEach(secrets: readonly Uint8Array[]): Point[] {
  return inChunks(secrets, MAX_POINTS, (chunk) => {
    chunk.forEach(writeScalar);
    const isComplete = kernelInstance().call.multiplyBase(chunk.length / 2);
    return isComplete ? chunk.map((_, k) => readPoint(k)) : chunk.map((secret) => multiplyBase(secret));
  });
}

/**
 * secret * point of each, constant time. Wipe secret products with wipePoint.
 *
 * @throws InvalidInput for a secret outside [1, q)
 */
export function multiplySecretEach(terms: readonly (readonly [Point, Uint8Array])[]): Point[] {
  return inChunks(terms, MAX_POINTS, (chunk) => {
    chunk.forEach(([point, secret], k) => {
      writeScalar(secret, k);
      writePoint(point, k);
    });
    const isComplete = kernelInstance().call.multiplyPoints(chunk.length / 2);
    return isComplete ? chunk.map((_, k) => readPoint(k)) : chunk.map((term) => multiplySecret(...term));
  });
}

/** The sum of each two points; `undefined` for the identity. */
export function addEach(sums: readonly (readonly [Point, Point])[]): (Point | undefined)[] {
  return inChunks(sums, MAX_POINTS / 2, (chunk): (Point | undefined)[] => {
    chunk.forEach(([first, second], k) => {
      writePoint(first, k);
      writePoint(second, chunk.length + k);
    });
    const isComplete = kernelInstance().call.addPoints(chunk.length);
    return isComplete ? chunk.map((_, k) => readPoint(k)) : chunk.map((terms) => addPoints(...terms));
  });
}

/** The sum of each list of points, all lists of one length of 1 or more; `undefined` for the identity. */
export function sumEach(lists: readonly (readonly Point[])[]): (Point | undefined)[] {
  let sums: (Point | undefined)[] = lists.map(([first]) => first);
  for (let term = 1; term < (lists[0]?.length ?? 0); term++) {
    const isWhole = sums.every((sum) => sum !== undefined);
    if (!isWhole) return lists.map((list) => addPoints(...list)); // a part of a sum may be the identity
    sums = addEach(sums.flatMap((sum, k) => pairOf(sum, lists[k]?.[term])));
  }
  return sums;
}

function pairOf(first: Point | undefined, second: Point | undefined): [Point, Point][] {
  return first && second ? [[first, second]] : [];
}

/** parsePoint of each. The bytes are public. */
export function parsePointEach(encoded: readonly Uint8Array[]): (Point | undefined)[] {
  return inChunks(encoded, MAX_POINTS, (chunk) => {
    const { call, at, memory } = kernelInstance();
    chunk.forEach((bytes, k) => {
      const start = at.CURVE_POINTS + k * ENCODED_BYTES;
      memory.fill(0, start, start + ENCODED_BYTES); // there is no point with x = 0
      const [prefix] = bytes;
      if (bytes.length !== POINT_BYTES || (prefix !== 2 && prefix !== 3)) return;
      memory.set(bytes.subarray(1), start);
      memory[start + ENCODED_BYTES - 1] = prefix & 1; // which of both roots
    });
    call.fillRoots(chunk.length);
    return chunk.map((_, k) => {
      const y = at.CURVE_POINTS + k * ENCODED_BYTES + COORDINATE_BYTES;
      const hasRoot = memory.subarray(y, y + COORDINATE_BYTES).some((byte) => byte !== 0);
      return hasRoot ? readPoint(k) : undefined;
    });
  });
}

/** Computes an even number of items at a time, the last one twice where there is an odd number, and wipes. */
function inChunks<T, R>(items: readonly T[], size: number, compute: (chunk: readonly T[]) => R[]): R[] {
  const results: R[] = [];
  try {
    for (let from = 0; from < items.length; from += size) {
      const chunk = items.slice(from, from + size);
      const isOdd = chunk.length % 2 === 1;
      results.push(...compute(isOdd ? [...chunk, ...chunk.slice(-1)] : chunk).slice(0, chunk.length));
    }
    return results;
  } finally {
    const { at, memory } = kernelInstance();
    memory.fill(0, at.CURVE_SCALARS, at.CURVE_END);
  }
}

function writeScalar(secret: Uint8Array, k: number): void {
  if (!isNonZeroScalar(secret)) throw new InvalidInput('secret scalar out of range');
  const { at, memory } = kernelInstance();
  memory.set(secret, at.CURVE_SCALARS + k * SCALAR_BYTES);
}

function writePoint(point: Point, k: number): void {
  const { at, memory } = kernelInstance();
  memory.set(coordinates(point), at.CURVE_POINTS + k * ENCODED_BYTES);
}

function readPoint(k: number): Point {
  const { at, memory } = kernelInstance();
  const start = at.CURVE_POINTS + k * ENCODED_BYTES;
  return pointFromCoordinates(memory.subarray(start, start + ENCODED_BYTES));
}
