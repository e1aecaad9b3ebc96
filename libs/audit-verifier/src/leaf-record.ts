import { parseEventLeaf } from '@quorate/transparency-log';
import { type LogLeaf } from './log-verifier';

/** The record in a leaf, as tiles have it: without what is digested, and without headers that leaves do not hold. */
export function leafWithRecord(leaf: Uint8Array): LogLeaf {
  const fields = parseEventLeaf(leaf);
  if (fields === undefined) return { leaf };
  const { ceId, ceType, ceSource, ceTime, jws, value } = fields;
  const named = { ce_id: ceId, ce_type: ceType, ce_source: ceSource, ce_time: ceTime, jws };
  const headers = Object.fromEntries(
    Object.entries(named).flatMap(([name, bytes]) =>
      bytes === undefined || bytes.length === 0 ? [] : [[name, Buffer.from(bytes)]],
    ),
  );
  return { leaf, record: { headers, value: value === undefined ? null : Buffer.from(value) } };
}
