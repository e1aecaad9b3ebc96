import { seededRandom } from '../seeded-random';
import { largestT, measure, type Target, welch } from './welch';

/** A clock that only the target moves: by noise, and by `leak` more in class 1. */
function simulated(leak: number) {
  const random = seededRandom('noise');
  let now = 0;
  const target: Target<0 | 1> = {
    name: 'simulated',
    prepare: (secretClass) => secretClass,
    run: (secretClass) => {
      const isInterrupted = random(1).readUInt8(0) < 8;
      now += 1000 + random(1).readUInt8(0) + secretClass * leak + (isInterrupted ? 100_000 : 0);
    },
  };
  return largestT(measure(target, { warmUp: 10, measured: 4000 }, seededRandom('classes'), () => now));
}

describe('timing test in the style of dudect (section 16)', () => {
  it('t of Welch: a known answer', () => {
    expect(welch([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])).toBeCloseTo(-3 / Math.sqrt(0.5 + 2), 10);
    expect(welch([1, 1], [1, 1])).toBe(0);
  });

  it('finds nothing where there is nothing', () => {
    expect(Math.abs(simulated(0))).toBeLessThan(4.5);
  });

  it('detects a deliberately leaky function: 5 % of the duration, under interrupts a hundred times as long', () => {
    expect(simulated(50)).toBeLessThan(-10);
  });
});
