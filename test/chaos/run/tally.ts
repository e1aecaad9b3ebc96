/** Counts and times over the runs of a campaign. */

/** Milliseconds. */
export interface Durations {
  readonly p50: number;
  readonly p90: number;
  readonly highest: number;
}

/** The counts of all, by name, in the order of the names. */
export function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each)))
    total[name] = (total[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => a.localeCompare(b)));
}

export function durationsOf(runs: readonly { readonly milliseconds: number }[]): Durations {
  const durations = runs.map(({ milliseconds }) => Math.round(milliseconds)).sort((a, b) => a - b);
  const quantile = (share: number) => durations[Math.floor(share * (durations.length - 1))] ?? 0;
  return { p50: quantile(0.5), p90: quantile(0.9), highest: quantile(1) };
}

/** How often each kind of fault struck. */
export function faultsOf(
  runs: readonly { readonly timeline: readonly { readonly kind?: string | undefined }[] }[],
): Record<string, number> {
  const kinds = runs.flatMap(({ timeline }) => timeline.flatMap(({ kind }) => (kind ? [kind] : [])));
  return sum(kinds.map((kind) => ({ [kind]: 1 })));
}
