/** Maps with one entry for each party of a session, ascending by index. */

/** The value that `lookup` has for each party, in their order. */
export function mapParties<T>(parties: readonly number[], lookup: (party: number) => T): Map<number, T> {
  return new Map(parties.map((party) => [party, lookup(party)]));
}

/** The entry of a map that has one for every party. */
export function entryOf<T>(map: ReadonlyMap<number, T>, party: number): T {
  const entry = map.get(party);
  if (entry === undefined) throw new RangeError(`no entry for party ${party}`);
  return entry;
}
