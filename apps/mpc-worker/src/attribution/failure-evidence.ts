import { type StoreTransaction } from '@quorate/event-store';
import { streams, toHex } from '@quorate/protocol';
import { type FailedCeremony } from '../ceremony/running-ceremonies';
import { ceremonyFailed, hashOf } from './ceremony-failed';

const KEPT = `interval '90 days'`;

/**
 * Makes a failure attributable (threshold-ecdsa.md 9): the signed frames are stored, and the event that carries them is
 * appended, in the commit that lets the node's report leave. One node's frames may say too little, or the wrong thing of a
 * victim; whoever reads the events of all nodes can pool them (`judgeSession` of @quorate/client).
 */
export class FailureEvidence {
  /** @param partiesOf n of a key that this node has */
  constructor(
    private readonly nodeId: string,
    private readonly partiesOf: (keyId: string) => number | undefined,
  ) {}

  record(tx: StoreTransaction, failed: FailedCeremony): void {
    const { order, failure } = failed;
    const sessionId = toHex(order.sessionId);
    if (failure.evidence.length > 0) {
      tx.write(
        `INSERT INTO failure_evidence (session_id, frame_hash, frame)
         SELECT $1, * FROM unnest($2::bytea[], $3::bytea[]) ON CONFLICT DO NOTHING`,
        [order.sessionId, failure.evidence.map(hashOf), failure.evidence.map((frame) => Buffer.from(frame))],
      );
      tx.write(`DELETE FROM failure_evidence WHERE received_at < now() - ${KEPT}`);
    }
    const parties = (order.keyId === '' ? undefined : this.partiesOf(order.keyId)) ?? order.members.length;
    tx.appendNext(streams.nodeCeremony(this.nodeId, sessionId), [
      {
        type: 'quorate.ceremony.failed.v1',
        data: ceremonyFailed(this.nodeId, failed, parties),
        correlationId: sessionId,
        causationId: sessionId,
      },
    ]);
  }
}
