import { type LogRecord } from '@quorate/messaging';
import { heartbeatSchema, type KeyLookup, type NodeHeartbeat, verifyServiceRecord } from '@quorate/protocol';

/** Nodes beat every 2 s: what is older says how the node was, not how it is. */
const OLDEST_FRESH_MS = 10_000;

/** `old`: it has not said anything for a while; `silent`: nothing is known that it ever signed. */
export type NodeStatus = 'ready' | 'not-ready' | 'old' | 'silent';

/** A node as it last described itself. */
export interface NodeView {
  readonly node: string;
  readonly status: NodeStatus;
  /** Of the heartbeat; null where there is none. */
  readonly ageMs: number | null;
  readonly heartbeat: NodeHeartbeat | null;
}

/** The newest heartbeat of every node, each verified with the node's pinned identity. Never part of the log. */
export class NodeReports {
  private readonly newest = new Map<string, { heartbeat: NodeHeartbeat; since: number }>();

  /**
   * @param nodes those of PEERS_FILE.
   * @param lookup their identities.
   */
  constructor(
    private readonly nodes: readonly string[],
    private readonly lookup: KeyLookup,
  ) {}

  /**
   * Takes records of mpc.heartbeats. Only the newest of a key that verifies counts, so that reading a long topic costs a few
   * signatures, and a forged record hides none that came before it.
   *
   * @param now milliseconds since 1970
   */
  learn(records: readonly LogRecord[], now: number): void {
    const known = new Set<string>();
    for (const record of records.toReversed()) {
      const name = record.key?.toString('utf8') ?? '';
      if (known.has(name) || !this.nodes.includes(name)) continue;
      const heartbeat = this.verified(record, name);
      if (heartbeat === undefined) continue;
      known.add(name);
      // A node whose clock is ahead grows old all the same.
      this.newest.set(name, { heartbeat, since: Math.min(now, Date.parse(heartbeat.at)) });
    }
  }

  /** @param now milliseconds since 1970 */
  list(now: number): NodeView[] {
    return this.nodes.map((node) => {
      const report = this.newest.get(node);
      if (report === undefined) return { node, status: 'silent', ageMs: null, heartbeat: null };
      const { heartbeat } = report;
      const ageMs = Math.max(0, now - report.since);
      return { node, status: statusOf(heartbeat.ready, ageMs), ageMs, heartbeat };
    });
  }

  private verified(record: LogRecord, node: string): NodeHeartbeat | undefined {
    const verdict = verifyServiceRecord(record, {
      typ: 'heartbeat',
      schema: heartbeatSchema,
      lookup: this.lookup,
    });
    return verdict.ok && verdict.kid === node && verdict.data.node === node ? verdict.data : undefined;
  }
}

function statusOf(isReady: boolean, ageMs: number): NodeStatus {
  if (ageMs > OLDEST_FRESH_MS) return 'old';
  return isReady ? 'ready' : 'not-ready';
}
