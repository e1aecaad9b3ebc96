import { z } from 'zod';
import { countSchema, timeSchema } from './primitives';

const EVENT_TYPE = /^quorate\.[a-z0-9-]+\.[a-z0-9-]+\.v[0-9]+$/;
const STREAM_ID_LIMIT = 400;

/** What every record of mpc.events (typ event, key = streamId) has, besides the payload of its type. */
export const eventSchema = z.looseObject({
  type: z.string().regex(EVENT_TYPE, { error: 'must be an event type such as quorate.sign.completed.v1' }),
  eventId: z.uuid({ error: 'must be a UUID' }),
  streamId: z.string().min(1).max(STREAM_ID_LIMIT),
  /** 1 for the first event of the stream. */
  streamPosition: countSchema.min(1),
  /** The event or record that led to this one. */
  causationId: z.string().max(STREAM_ID_LIMIT),
  /** The requestId or intentId of the whole story; the key, session or node where there is none. */
  correlationId: z.string().max(STREAM_ID_LIMIT),
  occurredAt: timeSchema,
  /** The source of the service that decided, such as /coordinator/coordinator-1. */
  actor: z.string().max(STREAM_ID_LIMIT),
});

export type EventRecord = z.output<typeof eventSchema>;

/** The common fields of an event, before its payload. */
export interface EventFacts {
  readonly type: EventType;
  readonly eventId: string;
  readonly streamId: string;
  readonly streamPosition: number;
  readonly causationId: string;
  readonly correlationId: string;
  readonly occurredAt: Date;
  readonly actor: string;
}

/** Every event type of interfaces.md, by area. */
export const EVENT_NAMES = {
  key: ['requested', 'generated', 'refreshed', 'reshared', 'retired', 'failed'],
  sign: [
    'requested',
    'committee-chosen',
    'partial-issued',
    'partial-received',
    'completed',
    'rejected',
    'retried',
  ],
  presign: ['started', 'stocked', 'discarded'],
  policy: ['refused'],
  node: ['joined', 'suspected', 'recovered', 'banned', 'unbanned'],
  system: ['halted', 'resumed'],
  record: ['dead-lettered'],
  tx: [
    'requested',
    'rejected',
    'nonce-reserved',
    'priced',
    'signed',
    'broadcast',
    'replaced',
    'included',
    'confirmed',
    'finalized',
    'reverted',
    'reorged',
    'cancelled',
    'superseded',
    'parked',
    'failed',
  ],
} as const;

/** An event type; `string & {}` keeps the door open for the types that later versions add. */
export type EventType =
  | {
      [Area in keyof typeof EVENT_NAMES]: `quorate.${Area}.${(typeof EVENT_NAMES)[Area][number]}.v1`;
    }[keyof typeof EVENT_NAMES]
  | (string & {});
