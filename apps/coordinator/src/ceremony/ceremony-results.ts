import { type StoreTransaction } from '@quorate/event-store';
import { type CeremonyEnded, fromHex } from '@quorate/protocol';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type NodeSessions } from '../node-session/node-sessions';
import { type Ceremony, type CeremonyPurpose } from './ceremony';
import { type Progress } from './progress';
import { type EndedVerdict, verdictOf } from './verdict';

/** What a member has confirmed here stays, until it sees that the others did, or a later attempt (threshold-ecdsa.md 13). */
const LASTING: ReadonlySet<CeremonyPurpose> = new Set(['reshare', 'rekey']);

/** What follows when a ceremony has ended, in the same transaction. */
export interface CeremonyFollowUp {
  ended(tx: StoreTransaction, ceremony: Ceremony, verdict: EndedVerdict): Promise<void>;
}

/** Collects the members' results until a ceremony has its verdict. */
export class CeremonyResults {
  constructor(
    private readonly records: CeremonyRecords,
    private readonly sessions: NodeSessions,
    private readonly progress: Progress,
    private readonly followUp: CeremonyFollowUp,
  ) {}

  async record(tx: StoreTransaction, results: readonly CeremonyEnded[]): Promise<void> {
    const known = await this.records.lock(tx, [...new Set(results.map((result) => result.sessionId))]);
    const running = known.filter((ceremony) => ceremony.status === 'running');
    const relevant = results.filter((result) =>
      running.some((ceremony) => ceremony.sessionId === result.sessionId && isMember(ceremony, result)),
    );
    const all = await this.records.addResults(tx, relevant);
    for (const ceremony of running) {
      const verdict = verdictOf(ceremony, all);
      if (verdict.kind !== 'open') await this.end(tx, ceremony, verdict);
    }
  }

  /** Fails what did not end in time, or cannot end any more. */
  async fail(tx: StoreTransaction, sessionIds: readonly string[], reason: string): Promise<void> {
    for (const ceremony of await this.records.lock(tx, sessionIds)) {
      if (ceremony.status === 'running') await this.end(tx, ceremony, { kind: 'failed', reason });
    }
  }

  private async end(tx: StoreTransaction, ceremony: Ceremony, verdict: EndedVerdict): Promise<void> {
    const { sessionId } = ceremony;
    const isFailed = verdict.kind === 'failed';
    await this.records.setStatus(tx, sessionId, isFailed ? 'failed' : 'ok');
    tx.cancelDue('ceremony', sessionId);
    await this.followUp.ended(tx, ceremony, verdict);
    tx.afterCommit(() => {
      this.progress.tell(
        'ceremony',
        sessionId,
        isFailed ? 'failed' : 'ended',
        isFailed ? verdict.reason : '',
      );
      if (isFailed && !LASTING.has(ceremony.purpose)) this.discard(ceremony, verdict.reason);
    });
  }

  /** A member may have succeeded where another failed: what it holds is useless. */
  private discard(ceremony: Ceremony, reason: string): void {
    const sessionId = fromHex(ceremony.sessionId);
    for (const node of ceremony.participants) this.sessions.send(node, { discard: { sessionId, reason } });
  }
}

function isMember(ceremony: Ceremony, result: CeremonyEnded): boolean {
  return ceremony.bootIds[result.node] === result.bootId;
}
