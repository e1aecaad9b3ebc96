import { Fatal } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';

/** Rows of version 1, which an earlier release may have left, have neither places of events nor repeated contents. */
const VERSIONS = [1, 2] as const;
const NONE = 0xffff_ffff;
/** From here on the length of a content stands for an earlier content with that number. */
const REPEATED = 0x8000_0000;

/** Where the event table holds the value and the JWS of a record. */
export interface EventPlace {
  readonly streamId: string;
  readonly streamPosition: number;
}

/** A record to be packed; of one that is an event, value and JWS are left out. */
export interface PackableRecord {
  readonly record: OutgoingRecord;
  readonly event?: EventPlace;
}

/**
 * Records as bytes, for one column of one row: a version byte, the number of records, then of each its stream and position
 * in the event table, topic, partition, key, value, the number of headers, and of each header name and content. Numbers are
 * 32 bits, big-endian; strings and bytes have their length before them. A stream, partition or length of 0xffffffff stands
 * for none (without a stream there is no position); a length from 0x80000000 on for the content with the number above it,
 * counted from 0 over all that are written out: most names and values of headers are those of the record before.
 */
export function packRecords(records: readonly PackableRecord[]): Buffer {
  const writer = new Writer(records.reduce((size, record) => size + roomFor(record), 5));
  writer.byte(VERSIONS[1]);
  writer.number(records.length);
  for (const { record, event } of records) {
    const { topic, partition, key, value, headers } = record;
    writer.content(event?.streamId ?? null);
    if (event !== undefined) writer.number(event.streamPosition);
    writer.content(topic);
    writer.number(partition ?? NONE);
    writer.content(key);
    writer.content(event === undefined ? value : null);
    const names = Object.keys(headers).filter((name) => event === undefined || name !== 'jws');
    writer.number(names.length);
    for (const name of names) {
      writer.content(name);
      writer.content(headers[name] ?? null);
    }
  }
  return writer.written();
}

/** At least the bytes of a record. */
function roomFor({ record: { topic, key, value, headers }, event }: PackableRecord): number {
  let room =
    12 +
    roomForContent(event?.streamId ?? null) +
    roomForContent(topic) +
    roomForContent(key) +
    roomForContent(value);
  for (const name in headers) room += roomForContent(name) + roomForContent(headers[name] ?? null);
  return room;
}

/** A character has at most three bytes. */
function roomForContent(content: string | Buffer | null): number {
  return 4 + (typeof content === 'string' ? 3 * content.length : (content?.length ?? 0));
}

class Writer {
  private readonly bytes: Buffer;
  private at = 0;
  private contents = 0;
  private readonly numbers = new Map<string, number>();

  constructor(room: number) {
    this.bytes = Buffer.allocUnsafe(room);
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  byte(value: number): void {
    this.at = this.bytes.writeUInt8(value, this.at);
  }

  number(value: number): void {
    this.at = this.bytes.writeUInt32BE(value, this.at);
  }

  content(content: string | Buffer | null): void {
    if (content === null) return this.number(NONE);
    if (typeof content === 'string') {
      const known = this.numbers.get(content);
      if (known !== undefined) return this.number(REPEATED + known);
      this.numbers.set(content, this.contents);
    }
    this.contents += 1;
    const start = this.at + 4;
    const length =
      typeof content === 'string' ? this.bytes.write(content, start) : content.copy(this.bytes, start);
    this.number(length);
    this.at = start + length;
  }
}

/**
 * The inverse of `packRecords`; key and header contents come back as bytes. A record with an `event` lacks value and JWS.
 * Throws Fatal for anything else.
 */
export function unpackRecords(packed: Buffer): PackableRecord[] {
  const reader = new Reader(packed);
  const version = reader.byte();
  if (!VERSIONS.some((known) => known === version)) throw malformed('it has another version');
  const records = Array.from({ length: reader.count() }, () => {
    const event = version === 1 ? undefined : reader.place();
    return { record: reader.record(), ...(event === undefined ? {} : { event }) };
  });
  if (!reader.isAtEnd()) throw malformed('bytes are left over');
  return records;
}

class Reader {
  private at = 0;
  private readonly contents: Buffer[] = [];

  constructor(private readonly bytes: Buffer) {}

  isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  /** A number of things of which each has at least one byte. */
  count(): number {
    const count = this.number();
    if (count > this.bytes.length) throw malformed('a number is too large');
    return count;
  }

  place(): EventPlace | undefined {
    const streamId = this.optional();
    return streamId === null ? undefined : { streamId: streamId.toString(), streamPosition: this.number() };
  }

  record(): OutgoingRecord {
    const topic = this.content('topic').toString();
    const partition = this.number();
    const key = this.optional();
    const value = this.optional();
    const headers = Object.fromEntries(
      Array.from({ length: this.count() }, () => [this.content('header').toString(), this.content('header')]),
    );
    return { topic, key, value, headers, ...(partition === NONE ? {} : { partition }) };
  }

  private content(what: string): Buffer {
    const content = this.optional();
    if (content === null) throw malformed(`a ${what} is missing`);
    return content;
  }

  private optional(): Buffer | null {
    const length = this.number();
    if (length === NONE) return null;
    if (length >= REPEATED) {
      const known = this.contents[length - REPEATED];
      if (known === undefined) throw malformed('a content repeats none');
      return known;
    }
    const content = this.take(length);
    this.contents.push(content);
    return content;
  }

  private number(): number {
    return this.take(4).readUInt32BE();
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw malformed('it ends early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

export function malformed(reason: string): Fatal {
  return new Fatal('outbox-row', `A row of the outbox cannot be read: ${reason}`);
}
