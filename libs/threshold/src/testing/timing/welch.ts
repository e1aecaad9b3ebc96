/** Leakage of timing between two classes of inputs: dudect (Reparaz, Balasch, Verbauwhede 2017), Welch's t-test. */
import { type RandomSource } from '../../random';

/** Something to be timed: `prepare` is not, and makes what one call of `run` needs for a class. */
export interface Target<T> {
  readonly name: string;
  prepare(secretClass: 0 | 1, iteration: number): T;
  run(input: T): void;
}

/** Durations by class, in any unit. */
export type Samples = readonly [number[], number[]];

/** Shares of the pooled samples that are kept, smallest first: long samples are interrupts and garbage collection. */
const CROPS = [0.25, 0.5, 0.75, 0.9, 0.99, 1];

/**
 * Times a target, the class of each call being drawn at random, so that whatever else the machine does meets both.
 * @param clock a time that never runs backwards
 */
export function measure<T>(
  target: Target<T>,
  counts: { readonly warmUp: number; readonly measured: number },
  random: RandomSource,
  clock: () => number,
): Samples {
  const samples: Samples = [[], []];
  for (let k = 0; k < counts.warmUp + counts.measured; k++) {
    const secretClass = random(1).readUInt8(0) & 1 ? 1 : 0;
    const input = target.prepare(secretClass, k);
    const before = clock();
    target.run(input);
    const duration = clock() - before;
    if (k >= counts.warmUp) samples[secretClass].push(duration);
  }
  return samples;
}

/** Welch's t for the means of two samples. */
export function welch(a: readonly number[], b: readonly number[]): number {
  const [one, two] = [moments(a), moments(b)];
  const error = Math.sqrt(one.variance / a.length + two.variance / b.length);
  return error === 0 ? 0 : (one.mean - two.mean) / error;
}

/** The t of the largest absolute value over all crops. */
export function largestT(samples: Samples): number {
  const pooled = [...samples[0], ...samples[1]].sort((x, y) => x - y);
  return CROPS.map((share) => {
    const limit = pooled[Math.ceil(share * pooled.length) - 1] ?? Infinity;
    const [a, b] = samples.map((list) => list.filter((duration) => duration <= limit));
    return a && b && a.length > 1 && b.length > 1 ? welch(a, b) : 0;
  }).reduce((worst, t) => (Math.abs(t) > Math.abs(worst) ? t : worst), 0);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}
