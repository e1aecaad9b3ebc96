/** The leaf of a record of mpc.events: the bytes that were received, never a re-serialised object. */
import { concatBytes, utf8 } from '../encoding';
import { sha256 } from '../merkle/sha256';
import { MAX_ENTRY_BYTES } from '../tiles/entry-bundle';

/** The headers that a leaf holds, in their order. */
const LEAF_HEADERS = ['ce_id', 'ce_type', 'ce_source', 'ce_time', 'jws'] as const;

/** What of a record is proved; headers that are absent, and the value of a tombstone, count as empty. */
export interface EventRecord {
  readonly headers: Readonly<Record<string, Uint8Array | undefined>>;
  readonly value: Uint8Array | null;
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
export function eventLeaf({ headers: named, value }: EventRecord): Uint8Array {
  const headers = LEAF_HEADERS.map((name) => named[name] ?? new Uint8Array());
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
export function parseEventLeaf(leaf: Uint8Array): EventRecord | undefined {
  const fields: Uint8Array[] = [];
  let offset = 0;
  while (offset + 4 <= leaf.length) {
    const end = offset + 4 + new DataView(leaf.buffer, leaf.byteOffset + offset).getUint32(0);
    if (end > leaf.length) return undefined;
    fields.push(leaf.slice(offset + 4, end));
    offset = end;
  }
  const value = fields[LEAF_HEADERS.length];
  if (offset !== leaf.length || value === undefined || fields.length > LEAF_HEADERS.length + 1)
    return undefined;
  return { headers: Object.fromEntries(LEAF_HEADERS.map((name, i) => [name, fields[i]])), value };
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
