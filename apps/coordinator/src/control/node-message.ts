import { type PeerDirectory } from '@quorate/platform';
import { type NodeReports } from '../node-session/node-reports';
import { type NodeSessions } from '../node-session/node-sessions';
import { type Quarantine } from '../quarantine/quarantine';

/** What operators read about nodes: all of PEERS_FILE, as quorate.control.v1.Node. */
export class NodeMessages {
  constructor(
    private readonly peers: PeerDirectory,
    private readonly sessions: NodeSessions,
    private readonly reports: NodeReports,
    private readonly quarantine: Pick<Quarantine, 'describe'>,
  ) {}

  all(): object[] {
    return this.peers.withRole('node').map(({ kid }) => this.of(kid));
  }

  private of(nodeId: string): object {
    const report = this.reports.of(nodeId);
    const { suspected, suspectedSince, reason: suspicion } = this.quarantine.describe(nodeId);
    return {
      nodeId,
      ...this.sessions.describe(nodeId),
      lastSeen: report?.at ?? '',
      ledgerCount: report?.ledgerCount ?? 0,
      policyHash: report?.policyHash ?? '',
      halts: (report?.halts ?? []).map(({ scope }) => scope),
      suspected,
      suspectedSince,
      suspicion,
      deadPairs: (report?.deadPairs ?? []).map(({ keyId, epoch, peer }) => ({ keyId, epoch, peer })),
    };
  }
}
