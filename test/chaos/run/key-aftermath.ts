import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../deploy/embedded/terminal/start-failure';
import { type ChaosStack } from '../stack/chaos-stack';
import { Operator } from '../load/operator';
import { type Arena } from './arena';

/** Ceremonies that met a fault end by a time-out, and are tried again with growing pauses. */
const SETTLE_TIMEOUT_MS = 240_000;
const REPAIR_TIMEOUT_MS = 120_000;
const RETRY_MS = 1000;

/** Waits until the key is in one epoch everywhere; pairs that a compromised node made unusable get new shares. */
export async function settleKey({ stack, epochs, violations }: Arena): Promise<void> {
  try {
    await epochs.untilSettled(SETTLE_TIMEOUT_MS);
    if (!(await epochs.isAnyPairDead())) return;
    await reshare(stack);
    await epochs.untilSettled(SETTLE_TIMEOUT_MS);
  } catch (error) {
    violations.add('the key ends in one epoch', messageOf(error));
  }
}

/** What operators do after a ban, as soon as all nodes are there. @throws what the last try has met */
async function reshare(stack: ChaosStack): Promise<void> {
  await stack.untilReady();
  const deadline = performance.now() + REPAIR_TIMEOUT_MS;
  const [coordinator = ''] = stack.shape.coordinators;
  const operator = new Operator(stack.description, stack.controlAddress(coordinator));
  try {
    for (;;) {
      try {
        return await operator.reshare();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  } finally {
    operator.close();
  }
}
