/** The leaf of a record of mpc.events: the bytes that were received, never a re-serialised object. */
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes, utf8 } from '../encoding';
import { MAX_ENTRY_BYTES } from '../tiles/entry-bundle';

/** What of a record is proved; absent headers, and the value of a tombstone, count as empty. */
export interface EventRecord {
  ceId?: Uint8Array | undefined;
  ceType?: Uint8Array | undefined;
  ceSource?: Uint8Array | undefined;
  ceTime?: Uint8Array | undefined;
  jws?: Uint8Array | undefined;
  value?: Uint8Array | undefined;
}

/** The leaf of an offset without a record. */
export const gapLeaf = utf8('quorate-gap/1');

const DIGEST_MARK = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
/** Six headers of this size fit into an entry. */
const MAX_HEADER_BYTES = 8_192;

/**
 * u32be length and bytes of ce_id, ce_type, ce_source, ce_time, jws and value, in this order. An entry of a log has at
 * most 65,535 bytes: in a longer one the value is u32be 0xffffffff, u64be length and SHA-256 instead; if that does not
 * do, every header above 8,192 bytes is, too.
 */
export function eventLeaf({ ceId, ceType, ceSource, ceTime, jws, value }: EventRecord): Uint8Array {
  const headers = [ceId, ceType, ceSource, ceTime, jws].map((header) => header ?? new Uint8Array());
  const content = value ?? new Uint8Array();
  const whole = concatBytes(...headers.map(inFull), inFull(content));
  if (whole.length <= MAX_ENTRY_BYTES) return whole;
  const short = concatBytes(...headers.map(inFull), asDigest(content));
  if (short.length <= MAX_ENTRY_BYTES) return short;
  const fitting = headers.map((header) =>
    header.length > MAX_HEADER_BYTES ? asDigest(header) : inFull(header),
  );
  return concatBytes(...fitting, asDigest(content));
}

/**
 * What an event's leaf holds; undefined when it holds a digest of something, or is no event's (a gap). What is empty may have
 * been absent.
 */
export function parseEventLeaf(leaf: Uint8Array): Required<EventRecord> | undefined {
  const fields: Uint8Array[] = [];
  let offset = 0;
  while (offset + 4 <= leaf.length) {
    const end = offset + 4 + new DataView(leaf.buffer, leaf.byteOffset + offset).getUint32(0);
    if (end > leaf.length) return undefined;
    fields.push(leaf.slice(offset + 4, end));
    offset = end;
  }
  const [ceId, ceType, ceSource, ceTime, jws, value, ...rest] = fields;
  return offset === leaf.length && value !== undefined && rest.length === 0
    ? { ceId, ceType, ceSource, ceTime, jws, value }
    : undefined;
}

function inFull(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}

function asDigest(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
  return concatBytes(DIGEST_MARK, length, sha256(bytes));
}
