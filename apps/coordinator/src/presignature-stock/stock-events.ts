import { type StoreTransaction } from '@quorate/event-store';
import { type Clock } from '../ports/clock.port';

/** The events of mpc.events about presignatures; each ceremony has its own stream. */
export class StockEvents {
  constructor(private readonly clock: Clock) {}

  started(
    tx: StoreTransaction,
    sessionId: string,
    keyId: string,
    committee: readonly string[],
    batch: number,
  ): void {
    this.append(tx, 'quorate.presign.started.v1', sessionId, { keyId, committee, batch });
  }

  stocked(
    tx: StoreTransaction,
    sessionId: string,
    keyId: string,
    committee: readonly string[],
    count: number,
  ): void {
    this.append(tx, 'quorate.presign.stocked.v1', sessionId, { keyId, committee, count });
  }

  discarded(
    tx: StoreTransaction,
    sessionId: string,
    keyId: string,
    committee: readonly string[],
    reason: string,
  ): void {
    this.append(tx, 'quorate.presign.discarded.v1', sessionId, { keyId, committee, reason });
  }

  private append(tx: StoreTransaction, type: string, sessionId: string, data: object): void {
    tx.appendNext(`presign:${sessionId}`, [
      {
        type,
        data: { sessionId, ...data },
        correlationId: sessionId,
        causationId: sessionId,
        occurredAt: this.clock.now(),
      },
    ]);
  }
}
