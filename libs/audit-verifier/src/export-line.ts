import { eventLeaf, gapLeaf } from '@quorate/transparency-log';
import { z } from 'zod';
import { type LogLeaf } from './log-verifier';

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

const exportedEntry = z.looseObject({
  log: z.int().min(0),
  index: z.int().min(0),
  gap: z.boolean(),
  headers: z.record(z.string(), base64),
  value: base64.nullable(),
});

/** An entry of an export. */
export interface ExportedLeaf extends LogLeaf {
  readonly log: number;
  readonly index: number;
}

/**
 * Reads a line of a JSON Lines export (`GET /v1/export?format=jsonl`).
 *
 * @returns the leaf, made anew of the bytes in the line; or why the line is none.
 */
export function readExportLine(line: string): ExportedLeaf | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { problem: 'is not JSON' };
  }
  const parsed = exportedEntry.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.')}: ${issue?.message}; export it with format=jsonl` };
  }
  const { log, index, gap, headers, value } = parsed.data;
  if (gap) return { log, index, leaf: gapLeaf };
  return { log, index, leaf: eventLeaf({ headers, value }), record: { headers, value } };
}
