import { type LogEntry } from '../log-entry/log-entry';

/**
 * The entries of a story in the order in which they happened. Within one log that is the order of the log; between
 * logs (partitions of mpc.events) there is no common order but time.
 */
export function storyOrder(entries: readonly LogEntry[]): LogEntry[] {
  const logs = new Set(entries.map((entry) => entry.log));
  if (logs.size < 2) return [...entries];
  return [...entries].sort(
    (a, b) =>
      (a.occurredAt?.getTime() ?? 0) - (b.occurredAt?.getTime() ?? 0) || a.log - b.log || compare(a, b),
  );
}

function compare(a: LogEntry, b: LogEntry): number {
  return a.index < b.index ? -1 : 1;
}
