import { FRAME_TYPES } from '@quorate/threshold';
import { type ForgedRecord } from '../byzantine/forged-record';
import { type Attacker } from '../byzantine/attacker';
import { type TappedRecord } from '../observation/record-tap';
import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';

/** When a fault strikes: after some time, or the moment a record of a type is seen on its topic. */
export type Trigger =
  | { readonly afterMs: number }
  /** The `nth` record of this type since the run began (1 is the first). */
  | { readonly type: string; readonly nth: number }
  /** The `nth` message of this round of a refresh or reshare. */
  | { readonly dealingRound: number; readonly nth: number };

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

/** Steps of a refresh or reshare, in their order. */
const DEALING_POINTS: readonly Trigger[] = [
  { type: 'quorate.key.requested.v1', nth: 1 },
  ...[1, 2, 3, 4].flatMap((dealingRound) => [1, 3].map((nth) => ({ dealingRound, nth }))),
  ...[1, 2, 3].map((nth) => ({ type: 'quorate.key.epoch-adopted.v1', nth })),
  { type: 'quorate.presign.started.v1', nth: 1 },
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
  /** Waits for the moment of a further fault and inflicts it. */
  readonly strike: (fault: Fault) => Promise<void>;
}

/** Draws one fault of a kind. */
export type FaultKind = (random: Random, stack: ChaosStack) => Fault;

/** A moment within the run: more often a named point than a time. */
export function drawTrigger(random: Random): Trigger {
  if (random.oneIn(3)) return { afterMs: random.below(2500) };
  return { type: random.pick(POINTS), nth: random.oneIn(2) ? 1 : random.between(2, 12) };
}

/** A moment within a refresh or reshare. */
export function drawDealingPoint(random: Random): Trigger {
  return random.pick(DEALING_POINTS);
}

export function describeTrigger(trigger: Trigger): string {
  if ('afterMs' in trigger) return `at ${trigger.afterMs} ms`;
  const what = 'type' in trigger ? trigger.type : `message of round ${trigger.dealingRound} of new shares`;
  return `at ${what} number ${trigger.nth}`;
}

/** Whether the record is of the kind that the trigger counts. */
export function isCounted(trigger: Trigger, { topic, value, json }: TappedRecord): boolean {
  if ('afterMs' in trigger) return false;
  if ('type' in trigger) return json['type'] === trigger.type;
  // Third and fourth byte of a frame's header (threshold-ecdsa.md 2).
  const isDealing = topic.startsWith('mpc.rounds.') && value?.at(2) === FRAME_TYPES.reshare;
  return isDealing && value.at(3) === trigger.dealingRound;
}
