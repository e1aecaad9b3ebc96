import { HaltRegister, type HaltSubject } from '@quorate/halts';
import { type NodeHeartbeat } from '@quorate/protocol';

/** What the nodes say of themselves on mpc.heartbeats; the newest of each node. */
export class NodeReports {
  private readonly reports = new Map<string, NodeHeartbeat>();
  /** Of nodes that say that something is halted there. */
  private readonly halts = new Map<string, HaltRegister>();

  learn(report: NodeHeartbeat): void {
    const { node, halts = [] } = report;
    this.reports.set(node, report);
    if (halts.length === 0) this.halts.delete(node);
    else this.halts.set(node, new HaltRegister(halts.map((halt) => ({ kind: 'halt', ...halt }))));
  }

  of(node: string): NodeHeartbeat | undefined {
    return this.reports.get(node);
  }

  isAnyHalted(): boolean {
    return this.halts.size > 0;
  }

  /** Nodes that say that they do not do this. */
  halted(subject: HaltSubject): string[] {
    return [...this.halts].filter(([, halts]) => halts.covering(subject)).map(([node]) => node);
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
