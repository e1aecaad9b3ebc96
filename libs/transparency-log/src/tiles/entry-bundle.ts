/** Bundles of log entries, each with its length before it as two bytes, big-endian (C2SP tlog-tiles, "Log entries"). */
import { concatBytes } from '../encoding';
import { Malformed } from '../malformed';

/** What two bytes can say. */
export const MAX_ENTRY_BYTES = 65_535;

/** @throws RangeError when an entry is longer than 65,535 bytes. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry has ${entry.length} bytes`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** @throws Malformed when it ends within an entry. */
export function parseEntryBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [high, low] = bytes.subarray(offset, offset + 2);
    if (high === undefined || low === undefined) throw new Malformed('an entry bundle ends within a length');
    const end = offset + 2 + high * 256 + low;
    if (end > bytes.length) throw new Malformed(`an entry bundle ends within entry ${entries.length}`);
    entries.push(bytes.slice(offset + 2, end));
    offset = end;
  }
  return entries;
}
