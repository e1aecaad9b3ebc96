import { Conflict } from '@quorate/platform';
import { Operator } from '../load/operator';
import { fullDisk, endSessions } from './database-faults';
import { lyingRounds, silence } from './dishonest-faults';
import { drawDealingPoint, type FaultKind } from './fault';
import { isolate, partition } from './link-faults';
import { freeze, killService, killTwo, restartService } from './process-faults';

/** What strikes within a ceremony; the likely things more often. */
const BLOWS: readonly FaultKind[] = [
  ...[killService, killService, killService, freeze, freeze, partition, isolate, isolate],
  ...[killTwo, restartService, endSessions, fullDisk, silence, lyingRounds],
];

/** New shares for the same nodes, ordered during the run, while one or two faults strike within the ceremony. */
export const keyCeremony: FaultKind = (random, stack) => {
  const what = random.oneIn(3) ? 'refresh' : 'reshare';
  const coordinator = random.pick(stack.shape.coordinators);
  const blows = Array.from({ length: random.between(1, 2) }, () => ({
    ...random.pick(BLOWS)(random, stack),
    at: drawDealingPoint(random),
  }));
  return {
    kind: 'key-ceremony',
    description: `a ${what} ordered through ${coordinator}`,
    at: { afterMs: random.below(1500) },
    inflict: async ({ stack: running, strike }) => {
      const operator = new Operator(running.description, running.controlAddress(coordinator));
      try {
        await Promise.all([order(operator, what), ...blows.map((blow) => strike(blow))]);
      } finally {
        operator.close();
      }
    },
  };
};

/** Resolves when the new shares are in use; a refresh that comes too soon after another one becomes a reshare. */
async function order(operator: Operator, what: 'refresh' | 'reshare'): Promise<void> {
  if (what === 'reshare') return operator.reshare();
  try {
    await operator.refresh();
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    await operator.reshare();
  }
}
