/** What a JWS may be for; its header says `<typ>+jws`, and a signature for one is none for another. */
export const RECORD_TYPS = [
  'sign-request',
  'tx-intent',
  'tx-amend',
  'approval',
  'operator-command',
  'partial',
  'final',
  'tx-outcome',
  'event',
  'heartbeat',
  'state',
] as const;
export type RecordTyp = (typeof RECORD_TYPS)[number];

/** Records that clients write; each belongs to exactly one ce_type. */
export type ClientRecordTyp = 'sign-request' | 'tx-intent' | 'tx-amend';
/** Records that services write; their value repeats `type` and `id` (or `eventId`). */
export type ServiceRecordTyp = 'partial' | 'final' | 'tx-outcome' | 'event' | 'heartbeat' | 'state';

export const CLIENT_RECORD_TYPES = {
  'sign-request': 'quorate.sign.requested.v1',
  'tx-intent': 'quorate.tx.requested.v1',
  'tx-amend': 'quorate.tx.amended.v1',
} as const satisfies Record<ClientRecordTyp, string>;

/** A record as it was read from Kafka. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** A record ready to be written to a topic. */
export interface EncodedRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}
