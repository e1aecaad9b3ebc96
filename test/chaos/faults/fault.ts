import { type ForgedRecord } from '../byzantine/forged-record';
import { type Attacker } from '../byzantine/attacker';
import { type TappedRecord } from '../observation/record-tap';
import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';

/** When a fault strikes: after some time, or the moment a record is seen on a topic. */
export type Trigger =
  | { readonly afterMs: number }
  /** The `nth` record of this topic since the run began (1 is the first). */
  | { readonly topic: string; readonly nth: number };

/** Something that goes wrong during a run. */
export interface Fault {
  /** Its kind, as `--faults` and the report name it. */
  readonly kind: string;
  /** With all parameters, for the timeline. */
  readonly description: string;
  readonly at: Trigger;
  /** Resolves when the fault has been inflicted and is over. */
  inflict(surroundings: FaultSurroundings): Promise<void>;
}

/** What faults work on. */
export interface FaultSurroundings {
  readonly stack: ChaosStack;
  readonly random: Random;
  /** Records that were written in this run so far. */
  readonly records: readonly TappedRecord[];
  /** Compromised parties. */
  readonly attacker: Attacker;
  /** Publishes as whoever has the broker: any bytes on any topic. */
  publish(records: readonly ForgedRecord[]): Promise<void>;
}

/** Draws one fault of a kind. */
export type FaultKind = (random: Random, stack: ChaosStack) => Fault;

/** A moment within the run, half of the time tied to a record that the pipeline writes. */
export function drawTrigger(random: Random): Trigger {
  if (random.oneIn(2)) return { afterMs: random.below(2500) };
  const topic = random.pick(['mpc.requests', 'mpc.partials', 'mpc.finals', 'mpc.events']);
  return { topic, nth: random.between(1, 15) };
}

export function describeTrigger(trigger: Trigger): string {
  return 'afterMs' in trigger ? `at ${trigger.afterMs} ms` : `at record ${trigger.nth} of ${trigger.topic}`;
}
