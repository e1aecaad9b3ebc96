/** What an entry is found by: read from the record's content where it can be read, whether or not it is verified. */
export interface EntryFacts {
  readonly eventId: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly actor: string | null;
  readonly correlationId: string | null;
  readonly requestId: string | null;
  readonly intentId: string | null;
  readonly keyId: string | null;
  readonly occurredAt: Date | null;
}

/**
 * One entry of the audit log: `log` is the partition of mpc.events, `index` the offset, and the rest is the record as
 * it was received (audit-log.md, Shape).
 */
export interface LogEntry extends EntryFacts {
  readonly log: number;
  readonly index: bigint;
  /** An offset that holds no record in the topic (a transaction marker). */
  readonly gap: boolean;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly verified: boolean;
  /** Why the record is not verified. */
  readonly reason: string | null;
  /** Index of the entry in the same log that had this event id first. */
  readonly duplicateOf: bigint | null;
}

/** Who and what makes two entries the same event. */
export type EventIdentity = Pick<LogEntry, 'eventId' | 'source' | 'verified'>;

/** Headers as a database can hold them: Postgres has no U+0000 in text; of names that are then the same, the last counts. */
export function storableHeaders(headers: LogEntry['headers']): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replaceAll('\u0000', '\ufffd'), value]),
  );
}
