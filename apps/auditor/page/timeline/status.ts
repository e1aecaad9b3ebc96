import { type LogEvent } from '../api/answers';
import { type Tone } from '../text/event-names';
import { textField, typeOf } from './fields';

export interface Status {
  readonly name: string;
  readonly tone: Tone;
  /** Why, where something went wrong. */
  readonly reason: string | undefined;
  /** Nothing more is to be expected. */
  readonly isEnd: boolean;
}

/** A stage of every story of its kind, and whether this one got there. */
export interface Stage {
  readonly name: string;
  readonly state: 'done' | 'now' | 'ahead' | 'failed';
}

type Names = ReadonlyMap<string, readonly [name: string, tone: Tone]>;

// Maps: types are other people's words, and plain objects know `constructor`.
const TRANSACTION: Names = new Map(
  Object.entries<readonly [name: string, tone: Tone]>({
    'tx.requested': ['Asked for', 'waiting'],
    'tx.authorized': ['Asked for', 'waiting'],
    'tx.rejected': ['Rejected', 'bad'],
    'tx.nonce-reserved': ['Nonce reserved', 'waiting'],
    'tx.filler-created': ['Filler', 'waiting'],
    'tx.signature-requested': ['Being signed', 'waiting'],
    'tx.signed': ['Signed', 'waiting'],
    'tx.broadcast': ['Broadcast', 'waiting'],
    'tx.included': ['In a block', 'waiting'],
    'tx.reorged': ['Broadcast', 'waiting'],
    'tx.confirmed': ['Confirmed', 'good'],
    'tx.finalized': ['Final', 'good'],
    'tx.reverted': ['Reverted', 'bad'],
    'tx.cancel-requested': ['Cancelling', 'waiting'],
    'tx.cancelled': ['Cancelled', 'bad'],
    'tx.superseded': ['Superseded', 'bad'],
    'tx.parked': ['Parked', 'waiting'],
    'tx.failed': ['Failed', 'bad'],
  }),
);

const SIGNATURE: Names = new Map(
  Object.entries<readonly [name: string, tone: Tone]>({
    'sign.requested': ['Asked for', 'waiting'],
    'sign.committee-chosen': ['Being signed', 'waiting'],
    'sign.retried': ['Being signed', 'waiting'],
    'sign.completed': ['Signed', 'good'],
    'sign.rejected': ['Rejected', 'bad'],
  }),
);

const STAGES = {
  transaction: [
    ['Asked', ['tx.requested']],
    ['Signed', ['tx.signed']],
    ['Broadcast', ['tx.broadcast']],
    ['In a block', ['tx.included']],
    ['Confirmed', ['tx.confirmed', 'tx.finalized']],
    ['Final', ['tx.finalized']],
  ],
  signature: [
    ['Asked', ['sign.requested']],
    ['Committee', ['sign.committee-chosen']],
    ['Signed', ['sign.completed']],
  ],
  other: [],
} as const;

/** Reverted transactions were included, and become final as any other: that does not make them good. */
const STAYS = ['tx.reverted'];
const ENDS = [
  ...['tx.rejected', 'tx.finalized', 'tx.cancelled', 'tx.superseded', 'tx.failed'],
  ...['sign.completed', 'sign.rejected'],
];

/** How far it got. Refusals of other bytes under the same id say nothing about it. */
export function statusOf(events: readonly LogEvent[], kind: keyof typeof STAGES): Status {
  const names = kind === 'transaction' ? TRANSACTION : SIGNATURE;
  let status: Status = { name: 'Recorded', tone: 'plain', reason: undefined, isEnd: kind === 'other' };
  let isSettled = false;
  for (const event of events) {
    const type = typeOf(event);
    const [name, tone] = names.get(type) ?? [];
    if (name === undefined || tone === undefined || isConflict(event)) continue;
    const isEnd = ENDS.includes(type) && (kind === 'signature' || type.startsWith('tx.'));
    if (isSettled) status = { ...status, isEnd: status.isEnd || isEnd };
    else status = { name, tone, isEnd, reason: textField(event.data, 'reason') };
    isSettled ||= STAYS.includes(type);
  }
  return status;
}

export function stagesOf(events: readonly LogEvent[], kind: keyof typeof STAGES, status: Status): Stage[] {
  const types = new Set(events.map(typeOf));
  const reached = STAGES[kind].map(([name, ways]) => ({ name, isDone: ways.some((way) => types.has(way)) }));
  const next = reached.findIndex(({ isDone }) => !isDone);
  return reached.map(({ name, isDone }, i) => ({
    name,
    state: isDone ? 'done' : i !== next ? 'ahead' : status.tone === 'bad' ? 'failed' : 'now',
  }));
}

function isConflict(event: LogEvent): boolean {
  return (
    ['tx.rejected', 'sign.rejected'].includes(typeOf(event)) && textField(event.data, 'code') === 'conflict'
  );
}
