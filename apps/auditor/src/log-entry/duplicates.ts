import { type EventIdentity, type LogEntry } from './log-entry';

/** The first entry of the same log with an event id of a source, among the verified or the unverified ones. */
export interface FirstOccurrence extends EventIdentity {
  readonly index: bigint;
}

/**
 * Marks entries whose event id was there before, from the same source. An unverified record never makes a verified
 * one a duplicate: otherwise anybody could devalue an event by writing its id first.
 * @param entries new entries of one log, in order
 * @param known first occurrences in the log before them
 */
export function markDuplicates(entries: readonly LogEntry[], known: readonly FirstOccurrence[]): LogEntry[] {
  const first = new Map<string, bigint>();
  const remember = (identity: EventIdentity, index: bigint): void => {
    const name = nameOf(identity, identity.verified);
    if (!first.has(name)) first.set(name, index);
  };
  for (const occurrence of known) remember(occurrence, occurrence.index);
  return entries.map((entry) => {
    if (entry.eventId === null) return entry;
    const verified = first.get(nameOf(entry, true));
    const original = verified ?? (entry.verified ? undefined : first.get(nameOf(entry, false)));
    remember(entry, entry.index);
    return original === undefined ? entry : { ...entry, duplicateOf: original };
  });
}

function nameOf({ eventId, source }: EventIdentity, verified: boolean): string {
  return JSON.stringify([eventId, source, verified]);
}
