/** A promise that was broken: which one, and the evidence. */
export interface Violation {
  readonly check: string;
  readonly evidence: string;
}

/** What the oracle found; the same finding is noted once. */
export class Violations {
  private readonly found = new Map<string, Violation>();

  add(check: string, evidence: string): void {
    this.found.set(`${check}: ${evidence}`, { check, evidence });
  }

  get all(): readonly Violation[] {
    return [...this.found.values()];
  }
}
