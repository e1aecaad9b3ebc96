/** How long many calls took, in milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export function timesOf(milliseconds: readonly number[]): Times {
  const ordered = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number): number =>
    ordered[Math.min(ordered.length - 1, Math.floor(part * ordered.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), longest: at(1) };
}
