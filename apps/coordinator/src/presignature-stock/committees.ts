/** Which committees of a key presign ahead, and which prove a new key's health. Pure. */
import { possibleCommittees } from '@quorate/threshold';

/**
 * Committees of size t to keep in stock, each sorted: for n <= 3 all of them, else n neighbourhoods of the ring, so that
 * each node is absent from at least one (where t < n).
 */
export function stockCommittees(participants: readonly string[], threshold: number): string[][] {
  const n = participants.length;
  if (n === threshold) return [[...participants].sort()];
  return participants.map((_, start) =>
    Array.from({ length: threshold }, (_unused, step) => participants[(start + step) % n] ?? '').sort(),
  );
}

/** What is known about the nodes of a key. */
export interface NodeHealth {
  readonly isLive: (node: string) => boolean;
  /** Whether others should be asked rather than this node. */
  readonly isAvoided: (node: string) => boolean;
  readonly hasDeadPair: (committee: readonly string[]) => boolean;
}

/**
 * The committees that can presign now: those of the stock whose members all live, work together and are not avoided. When
 * there is none, one that was never stocked; and when no committee can be made without an avoided node, with them.
 */
export function workingCommittees(
  participants: readonly string[],
  threshold: number,
  { isLive, isAvoided, hasDeadPair }: NodeHealth,
): string[][] {
  const stocked = stockCommittees(participants, threshold);
  const live = participants.filter(isLive);
  for (const nodes of [live.filter((node) => !isAvoided(node)), live]) {
    const fit = stocked.filter((committee) => committee.every((node) => nodes.includes(node)));
    const working = fit.filter((committee) => !hasDeadPair(committee));
    if (working.length > 0) return working;
    const other = anyCommittee(nodes, threshold, hasDeadPair);
    if (other !== undefined) return [other];
  }
  return [];
}

/** Some committee of these nodes without a dead pair. */
export function anyCommittee(
  nodes: readonly string[],
  threshold: number,
  hasDeadPair: NodeHealth['hasDeadPair'],
): string[] | undefined {
  const indices = nodes.map((_, i) => i);
  const nodeAt = (i: number) => nodes[i] ?? '';
  const deadPairs = indices.flatMap((a) =>
    indices
      .filter((b) => b > a && hasDeadPair([nodeAt(a), nodeAt(b)]))
      .map((b): readonly [number, number] => [a, b]),
  );
  const { value } = possibleCommittees(indices, threshold, deadPairs).next();
  return value?.map(nodeAt).sort();
}

/** Committees of size t that together contain every pair, greedily chosen (threshold-ecdsa.md 3, health check). */
export function pairCoveringCommittees(participants: readonly string[], threshold: number): string[][] {
  const open = new Set(pairsOf(participants));
  const committees: string[][] = [];
  for (let pair = first(open); pair !== undefined; pair = first(open)) {
    const committee = pair.split(PAIR);
    while (committee.length < threshold) {
      const candidates = participants.filter((node) => !committee.includes(node));
      const gain = (node: string) => committee.filter((member) => open.has(pairOf(member, node))).length;
      const best = candidates.reduce((a, b) => (gain(b) > gain(a) ? b : a));
      committee.push(best);
    }
    for (const covered of pairsOf(committee)) open.delete(covered);
    committees.push(committee.sort());
  }
  return committees;
}

const PAIR = '|';

function pairsOf(nodes: readonly string[]): string[] {
  return nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => pairOf(a, b)));
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a}${PAIR}${b}` : `${b}${PAIR}${a}`;
}

function first(set: ReadonlySet<string>): string | undefined {
  for (const value of set) return value;
  return undefined;
}
