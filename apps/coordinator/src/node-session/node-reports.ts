import { type NodeHeartbeat } from '@quorate/protocol';

/** What the nodes say of themselves on mpc.heartbeats; the newest of each node. */
export class NodeReports {
  private readonly reports = new Map<string, NodeHeartbeat>();

  learn(report: NodeHeartbeat): void {
    this.reports.set(report.node, report);
  }

  of(node: string): NodeHeartbeat | undefined {
    return this.reports.get(node);
  }

  /** Pairs of the key that do not work together any more, as one of the two says. */
  deadPairs(keyId: string): (readonly [string, string])[] {
    return [...this.reports.values()].flatMap(({ node, deadPairs }) =>
      deadPairs.filter((pair) => pair.keyId === keyId).map(({ peer }) => [node, peer] as const),
    );
  }

  /** The highest counter of the pair's state that one of the two reports; 0 when none does. */
  pairCounter(keyId: string, pair: readonly string[]): number {
    const counters = pair.flatMap((node) =>
      (this.reports.get(node)?.deadPairs ?? [])
        .filter((dead) => dead.keyId === keyId && pair.includes(dead.peer))
        .map((dead) => dead.pairCounter ?? 0),
    );
    return Math.max(0, ...counters);
  }

  /** Whether any two members of the committee do not work together any more (threshold-ecdsa.md 9, BAN). */
  hasDeadPair(keyId: string, committee: readonly string[]): boolean {
    return committee.some((node) =>
      this.reports.get(node)?.deadPairs.some((pair) => pair.keyId === keyId && committee.includes(pair.peer)),
    );
  }
}
