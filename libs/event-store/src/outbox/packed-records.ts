import { Fatal } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';

const VERSION = 1;
const NONE = 0xffff_ffff;

/**
 * Records as bytes, for one column of one row: a version byte, the number of records, then of each topic, partition, key,
 * value, the number of headers, and of each header name and content. Numbers are 32 bits, big-endian; strings and bytes
 * have their length before them; a partition or a length of 0xffffffff stands for none.
 */
export function packRecords(records: readonly OutgoingRecord[]): Buffer {
  const writer = new Writer(records.reduce((size, record) => size + roomFor(record), 5));
  writer.byte(VERSION);
  writer.number(records.length);
  for (const { topic, partition, key, value, headers } of records) {
    writer.content(topic);
    writer.number(partition ?? NONE);
    writer.content(key);
    writer.content(value);
    const entries = Object.entries(headers);
    writer.number(entries.length);
    for (const [name, content] of entries) {
      writer.content(name);
      writer.content(content);
    }
  }
  return writer.written();
}

/** At least the bytes of a record. */
function roomFor({ topic, key, value, headers }: OutgoingRecord): number {
  let room = 8 + roomForContent(topic) + roomForContent(key) + roomForContent(value);
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
    const start = this.at + 4;
    const length =
      typeof content === 'string' ? this.bytes.write(content, start) : content.copy(this.bytes, start);
    this.number(length);
    this.at = start + length;
  }
}

/** The inverse of `packRecords`; key and header contents come back as bytes. Throws Fatal for anything else. */
export function unpackRecords(packed: Buffer): OutgoingRecord[] {
  const reader = new Reader(packed);
  if (reader.byte() !== VERSION) throw malformed('it has another version');
  const records = Array.from({ length: reader.count() }, () => reader.record());
  if (!reader.isAtEnd()) throw malformed('bytes are left over');
  return records;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  /** A number of things of which each has at least one byte. */
  count(): number {
    const count = this.take(4).readUInt32BE();
    if (count > this.bytes.length) throw malformed('a number is too large');
    return count;
  }

  record(): OutgoingRecord {
    const topic = this.content('topic').toString();
    const partition = this.take(4).readUInt32BE();
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
    const length = this.take(4).readUInt32BE();
    return length === NONE ? null : this.take(length);
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw malformed('it ends early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function malformed(reason: string): Fatal {
  return new Fatal('outbox-row', `A row of the outbox cannot be read: ${reason}`);
}
