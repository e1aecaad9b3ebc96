import { type TxOutcome } from '@quorate/protocol';

/** How far a caller wants to see an intent before going on. */
export type AwaitedStatus = 'accepted' | 'broadcast' | 'confirmed' | 'finalized';

const PROGRESS: readonly TxOutcome['type'][] = [
  'quorate.tx.accepted.v1',
  'quorate.tx.broadcast.v1',
  'quorate.tx.confirmed.v1',
  'quorate.tx.finalized.v1',
];

const ENDS: ReadonlySet<TxOutcome['type']> = new Set<TxOutcome['type']>([
  'quorate.tx.rejected.v1',
  'quorate.tx.failed.v1',
  'quorate.tx.reverted.v1',
  'quorate.tx.cancelled.v1',
  'quorate.tx.superseded.v1',
  'quorate.tx.finalized.v1',
]);

/** Why an outcome is what it is, `funds: ...`; empty where nothing is said of it. */
export function whyOf({ code, reason }: TxOutcome): string {
  return [code, reason].filter((part) => part !== undefined).join(': ');
}

/** The status, and why: `parked (funds: ...)`. */
export function describeOutcome(outcome: TxOutcome): string {
  const why = whyOf(outcome);
  return why === '' ? outcome.status : `${outcome.status} (${why})`;
}

/** Whether the outcome says that the intent came as far as `status`, or further. */
export function reached({ type }: TxOutcome, status: AwaitedStatus): boolean {
  return PROGRESS.indexOf(type) >= PROGRESS.indexOf(`quorate.tx.${status}.v1`);
}

/** Whether nothing but what the outcome says will become of the intent. */
export function isEnd({ type }: TxOutcome): boolean {
  return ENDS.has(type);
}
