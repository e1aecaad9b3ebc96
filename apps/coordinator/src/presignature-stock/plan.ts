import { committeeName } from '../ports/presign-batches.port';

export interface StockSituation {
  /** Committees that can presign for this key now. */
  readonly committees: readonly (readonly string[])[];
  /** Presignatures left, by committee name. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Presigning ceremonies of this key that run now. */
  readonly running: readonly { readonly committee: readonly string[]; readonly batch: number }[];
  /** Ceremonies of any kind that each node takes part in now. */
  readonly load: ReadonlyMap<string, number>;
  /** Requests that wait for a presignature. */
  readonly waiting: number;
  /** Presignatures that requests could take now. */
  readonly available: number;
}

export interface StockPolicy {
  /** Presignatures to keep per committee. */
  readonly target: number;
  /** A committee below this share of its target is filled up again. */
  readonly lowWater: number;
  /** Presignatures per ceremony, at most. */
  readonly batch: number;
  /** Ceremonies a node runs at a time for the stock; one more when a request waits. */
  readonly concurrency: number;
}

export interface PlannedCeremony {
  readonly committee: readonly string[];
  readonly batch: number;
  readonly priority: number;
}

const SMALLEST_DEMAND_BATCH = 4;

/**
 * Which presigning ceremonies to start now: first what requests wait for, then the committees with the least stock, as
 * far as the nodes have room. Pure. `filling` remembers which committees are being filled up to their target.
 */
export function planCeremonies(
  situation: StockSituation,
  policy: StockPolicy,
  filling: Set<string>,
): PlannedCeremony[] {
  const load = new Map(situation.load);
  const planned: PlannedCeremony[] = [];
  const supply = new Map<string, number>();
  const { committees } = situation;
  for (const committee of committees) {
    const name = committeeName(committee);
    const coming = situation.running.filter((ceremony) => committeeName(ceremony.committee) === name);
    supply.set(
      name,
      (situation.remaining.get(name) ?? 0) + coming.reduce((sum, { batch }) => sum + batch, 0),
    );
  }
  const room = (committee: readonly string[], limit: number) =>
    committee.every((node) => (load.get(node) ?? 0) < limit);
  const start = (committee: readonly string[], batch: number, priority: number) => {
    for (const node of committee) load.set(node, (load.get(node) ?? 0) + 1);
    const name = committeeName(committee);
    supply.set(name, (supply.get(name) ?? 0) + batch);
    planned.push({ committee, batch, priority });
  };
  const supplyOf = (committee: readonly string[]) => supply.get(committeeName(committee)) ?? 0;
  const loadOf = (committee: readonly string[]) => Math.max(...committee.map((node) => load.get(node) ?? 0));

  let missing = situation.waiting - situation.available - incoming(situation);
  while (missing > 0) {
    const [committee] = committees
      .filter((candidate) => room(candidate, policy.concurrency + 1))
      .sort((a, b) => loadOf(a) - loadOf(b) || supplyOf(a) - supplyOf(b));
    if (committee === undefined) break;
    const batch = Math.min(policy.batch, Math.max(SMALLEST_DEMAND_BATCH, missing));
    start(committee, batch, 1);
    missing -= batch;
  }

  for (;;) {
    for (const committee of committees) {
      const name = committeeName(committee);
      if (supplyOf(committee) < policy.target * policy.lowWater) filling.add(name);
      if (supplyOf(committee) >= policy.target) filling.delete(name);
    }
    const [committee] = committees
      .filter((candidate) => filling.has(committeeName(candidate)) && room(candidate, policy.concurrency))
      .sort((a, b) => supplyOf(a) - supplyOf(b));
    if (committee === undefined) return planned;
    start(committee, evenBatch(policy.target - supplyOf(committee), policy.batch), 0);
  }
}

/** The next of the fewest ceremonies that bring all that is missing, each of them the same. */
function evenBatch(missing: number, largest: number): number {
  return Math.ceil(missing / Math.ceil(missing / largest));
}

/** Presignatures that running ceremonies of these committees will bring. */
function incoming({ committees, running }: StockSituation): number {
  const names = new Set(committees.map(committeeName));
  return running
    .filter((ceremony) => names.has(committeeName(ceremony.committee)))
    .reduce((sum, ceremony) => sum + ceremony.batch, 0);
}
