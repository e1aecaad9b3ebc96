import { randomUUID } from 'node:crypto';
import { Conflict, Invalid } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';
import { type EncodableEvent, type NewEvent } from '../event';

/** An outbox row to be written; `event` when it is also a row of the event table. */
export interface PendingRecord {
  record: OutgoingRecord;
  streamId: string | undefined;
  event?: EncodableEvent & { value: Buffer; jws: string };
}

export interface PendingDue {
  kind: string;
  key: string;
  /** Undefined: to be deleted. */
  at: Date | undefined;
  data: unknown;
}

type Operation =
  | { what: 'append'; streamId: string; expectedVersion: number | undefined; events: NewEvent[] }
  | { what: 'publish'; record: OutgoingRecord; streamId: string | undefined };

/** What a transaction is going to write, in the order of the calls. */
export class PendingWrites {
  readonly due = new Map<string, PendingDue>();
  private readonly operations: Operation[] = [];

  append(streamId: string, expectedVersion: number | undefined, events: NewEvent[]): void {
    if (events.length > 0) this.operations.push({ what: 'append', streamId, expectedVersion, events });
  }

  publish(record: OutgoingRecord, streamId: string | undefined): void {
    this.operations.push({ what: 'publish', record, streamId });
  }

  setDue(due: PendingDue): void {
    this.due.set(JSON.stringify([due.kind, due.key]), due);
  }

  /** Streams to be locked because something goes to their end, sorted. */
  openEnded(): string[] {
    const ids = this.operations.flatMap((operation) =>
      operation.what === 'append' && operation.expectedVersion === undefined ? [operation.streamId] : [],
    );
    return [...new Set(ids)].sort();
  }

  /** Streams whose version `append` claims without the transaction having read them. */
  claimed(known: ReadonlyMap<string, number>): string[] {
    const ids = this.operations.flatMap((operation) =>
      operation.what === 'append' && (operation.expectedVersion ?? 0) > 0 && !known.has(operation.streamId)
        ? [operation.streamId]
        : [],
    );
    return [...new Set(ids)];
  }

  /**
   * Gives every event its position and encodes it.
   * @param versions the version of each stream, as far as it was read; a new stream may be absent
   * Throws Conflict `version`, and what `encode` throws.
   */
  place(versions: Map<string, number>, encode: (event: EncodableEvent) => OutgoingRecord): PendingRecord[] {
    return this.operations.flatMap((operation) => {
      if (operation.what === 'publish') return [{ record: operation.record, streamId: operation.streamId }];
      const { streamId, expectedVersion, events } = operation;
      const version = versions.get(streamId) ?? 0;
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new Conflict('version', `Stream ${streamId} is at ${version}, not at ${expectedVersion}`);
      }
      versions.set(streamId, version + events.length);
      return events.map((event, index) => place(event, streamId, version + index + 1, encode));
    });
  }
}

function place(
  { type, data, correlationId, causationId, eventId = randomUUID(), occurredAt = new Date() }: NewEvent,
  streamId: string,
  streamPosition: number,
  encode: (event: EncodableEvent) => OutgoingRecord,
): PendingRecord {
  const event = { type, data, correlationId, causationId, eventId, occurredAt, streamId, streamPosition };
  const record = encode(event);
  const jws = record.headers['jws'];
  if (record.value === null || jws === undefined) {
    throw new Invalid('unsigned-event', `encodeEvent made a record of ${type} without value or header jws`);
  }
  return { record, streamId, event: { ...event, value: record.value, jws: jws.toString() } };
}
