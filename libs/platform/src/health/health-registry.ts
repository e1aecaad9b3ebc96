export interface HealthReason {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

/** What this process needs before it can do its work, by name. Ready when every named part is. */
export class HealthRegistry {
  private readonly parts = new Map<string, HealthReason>();

  /** @param reason what is missing, for the operator who reads `/readyz` */
  set(name: string, ready: boolean, reason?: string): void {
    this.parts.set(name, { name, ready, ...(ready || reason === undefined ? {} : { reason }) });
  }

  ready(): boolean {
    return [...this.parts.values()].every((part) => part.ready);
  }

  reasons(): HealthReason[] {
    return [...this.parts.values()];
  }
}
