import { setTimeout as delay } from 'node:timers/promises';
import { serviceKids } from '../../../deploy/embedded/stack/stack-shape';
import { type Random } from '../random';
import { drawTrigger, type FaultKind } from './fault';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Below and above everything that goes by the clock: time-outs, a request's 10 minutes, the refresh pause, a stock's age. */
const JUMPS: readonly (readonly [number, number])[] = [
  [SECOND, 10 * SECOND],
  [20 * SECOND, 2 * MINUTE],
  [11 * MINUTE, 40 * MINUTE],
  [HOUR, 6 * HOUR],
];

/** The wall clock of one service is set wrong, perhaps once more, and right again. */
export const clockJump: FaultKind = (random, stack) => {
  const service = random.pick(serviceKids(stack.shape));
  const steps = Array.from({ length: random.oneIn(3) ? 2 : 1 }, () => ({
    offsetMs: drawOffset(random),
    lastsMs: random.between(300, 4000),
  }));
  const jumps = steps.map(({ offsetMs, lastsMs }) => `${describe(offsetMs)} for ${lastsMs} ms`);
  return {
    kind: 'clock-jump',
    description: `the clock of ${service} ${jumps.join(', then ')}`,
    at: drawTrigger(random),
    inflict: async ({ stack: { clocks } }) => {
      for (const { offsetMs, lastsMs } of steps) {
        clocks.set(service, offsetMs);
        await delay(lastsMs);
      }
      clocks.set(service, 0);
    },
  };
};

function drawOffset(random: Random): number {
  const [least, most] = random.pick(JUMPS);
  return random.between(least, most) * (random.oneIn(2) ? 1 : -1);
}

function describe(offsetMs: number): string {
  return `${Math.round(Math.abs(offsetMs) / SECOND)} s ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
