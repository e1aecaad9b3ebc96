import { type LogEntry } from '../log-entry/log-entry';
import { type AuditLog, type EventFilter, type Order, type Position } from '../ports/audit-log.port';
import { eventView } from '../query/event-view';
import { CSV_HEADER, csvLine } from './csv';

/** Entries read at once: bounds the memory of an export, whatever its length. */
const PAGE = 200;

export type ExportFormat = 'jsonl' | 'csv';

/**
 * The matching entries, line by line; jsonl lines also carry what their leaves are made of: `value` and `headers`, the
 * record's exact bytes in base64, and whether the entry is a gap.
 *
 * @param counted called with the number of entries of each piece
 */
export async function* exportLines(
  log: AuditLog,
  query: { filter: EventFilter; order: Order; format: ExportFormat },
  counted: (entries: number) => void,
): AsyncGenerator<string> {
  const { filter, order, format } = query;
  if (format === 'csv') yield CSV_HEADER;
  let after: Position | undefined;
  do {
    const { entries, next } = await log.page({ filter, order, after, limit: PAGE });
    const lines = entries.map((entry) =>
      format === 'csv'
        ? csvLine(eventView(entry))
        : `${JSON.stringify({ ...eventView(entry), ...exactBytes(entry) })}\n`,
    );
    counted(entries.length);
    if (lines.length > 0) yield lines.join('');
    after = next;
  } while (after !== undefined);
}

function exactBytes({ gap, headers, value }: LogEntry) {
  const encoded = Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('base64')] as const);
  return { gap, headers: Object.fromEntries(encoded), value: value?.toString('base64') ?? null };
}
