const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * Milliseconds since the epoch of an RFC 3339 time in UTC; undefined when it is not one or does not exist (30 February).
 * The year 0 counts as none: the calendar of Postgres goes from 1 BC to AD 1.
 */
export function rfc3339Milliseconds(text: string): number | undefined {
  if (!RFC3339_UTC.test(text) || text.startsWith('0000')) return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  // Date.parse moves 30 February to March: only a date that survives the way back exists.
  return new Date(milliseconds).toISOString().slice(0, 19) === text.slice(0, 19) ? milliseconds : undefined;
}
