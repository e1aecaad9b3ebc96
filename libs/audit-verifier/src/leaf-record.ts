import { parseEventLeaf } from '@quorate/transparency-log';
import { type LogLeaf } from './log-verifier';

/** The record in a leaf, as tiles have it: without what is digested, and without headers that leaves do not hold. */
export function leafWithRecord(leaf: Uint8Array): LogLeaf {
  const read = parseEventLeaf(leaf);
  if (read === undefined) return { leaf };
  const headers = Object.fromEntries(
    Object.entries(read.headers).flatMap(([name, bytes]) =>
      bytes === undefined || bytes.length === 0 ? [] : [[name, Buffer.from(bytes)]],
    ),
  );
  return { leaf, record: { headers, value: Buffer.from(read.value ?? []) } };
}
