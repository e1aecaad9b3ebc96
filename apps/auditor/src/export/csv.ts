import { type EventView } from '../query/event-view';
import { type JsonObject } from '@quorate/protocol';

/** Columns of the CSV export: what is on the entry, then the common fields of an event, then the whole content. */
const ENTRY_COLUMNS = [
  'log',
  'index',
  'type',
  'source',
  'time',
  'verified',
  'reason',
  'duplicateOf',
] as const;
const DATA_COLUMNS = [
  'eventId',
  'streamId',
  'streamPosition',
  'actor',
  'correlationId',
  'requestId',
  'intentId',
  'keyId',
] as const;

/** The first line, with its CRLF (RFC 4180). */
export const CSV_HEADER = line([...ENTRY_COLUMNS, ...DATA_COLUMNS, 'data', 'jws']);

export function csvLine(event: EventView): string {
  const data: JsonObject = event.data ?? {};
  return line([
    ...ENTRY_COLUMNS.map((column) => plain(event[column])),
    ...DATA_COLUMNS.map((column) => plain(data[column])),
    event.data === null ? '' : JSON.stringify(event.data),
    plain(event.jws),
  ]);
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? harmless(value) : JSON.stringify(value);
}

/**
 * Spreadsheets run a field that begins like a formula, and anybody can write records that are not verified. An apostrophe
 * before it makes it a text (OWASP, CSV injection). The exact bytes are in the other format.
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function line(fields: readonly string[]): string {
  return `${fields.map(quote).join(',')}\r\n`;
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
