import { type ForgedRecord } from '../byzantine/forged-record';
import { type Attacker } from '../byzantine/attacker';
import { type TappedRecord } from '../observation/record-tap';
import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';

/** When a fault strikes: after some time, or the moment a record of a type is seen on its topic. */
export type Trigger =
  | { readonly afterMs: number }
  /** The `nth` record of this type since the run began (1 is the first). */
  | { readonly type: string; readonly nth: number };

/** The steps at which processes are hit: what was just committed and published, by the type of its record. */
const POINTS: readonly string[] = [
  'quorate.sign.requested.v1',
  'quorate.sign.committee-chosen.v1',
  'quorate.sign.partial.v1',
  'quorate.sign.partial-issued.v1',
  'quorate.sign.partial-received.v1',
  'quorate.sign.completed.v1',
  'quorate.presign.started.v1',
  'quorate.ceremony.ended.v1',
  'quorate.presign.stocked.v1',
  'quorate.tx.requested.v1',
  'quorate.tx.nonce-reserved.v1',
  'quorate.tx.signature-requested.v1',
  'quorate.tx.signed.v1',
  'quorate.tx.broadcast.v1',
  'quorate.tx.included.v1',
];

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

/** A moment within the run: more often a named point than a time. */
export function drawTrigger(random: Random): Trigger {
  if (random.oneIn(3)) return { afterMs: random.below(2500) };
  return { type: random.pick(POINTS), nth: random.oneIn(2) ? 1 : random.between(2, 12) };
}

export function describeTrigger(trigger: Trigger): string {
  return 'afterMs' in trigger ? `at ${trigger.afterMs} ms` : `at ${trigger.type} number ${trigger.nth}`;
}
