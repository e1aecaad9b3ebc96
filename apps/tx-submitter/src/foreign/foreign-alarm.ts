/**
 * What follows when a transaction of one of our accounts was not made here: everybody is told, and the key is halted, for
 * somebody else may have it. Once for each nonce, in the transaction that keeps the finding.
 */
import { randomBytes } from 'node:crypto';

import { type StoreTransaction } from '@quorate/event-store';
import { type Logger, type Metrics } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { type Counter } from 'prom-client';

import { type LaneId } from '../lane/lane';
import { type HaltRecords } from '../ports/halt-records.port';
import { keepForeign, wasForeignLately } from './foreign-nonce-table';

/** Nonces of a lane that somebody else used, as a quorum of endpoints says of a final block. */
export interface ForeignFinding {
  lane: LaneId;
  nonces: bigint[];
  /** The key of the lane's account. */
  keyId: string;
}

export class ForeignAlarm {
  private readonly found: Counter;

  /** @param halts undefined when findings are only told */
  constructor(
    metrics: Metrics,
    private readonly logger: Logger,
    private readonly halts: HaltRecords | undefined,
  ) {
    this.found = metrics.counter({
      name: 'foreign_nonce_total',
      help: 'Final transactions of our accounts that were not made here: find out who has the key.',
    });
  }

  async raise(tx: StoreTransaction, { lane, nonces, keyId }: ForeignFinding): Promise<void> {
    // One halt is enough for transactions that are found one after the other.
    const isHalted = await wasForeignLately(tx, lane);
    const fresh = await keepForeign(tx, lane, nonces);
    if (fresh.length === 0) return;
    const named = fresh.slice(0, 10).join(', ') + (fresh.length > 10 ? ', ...' : '');
    const reason = `account ${lane.address} of chain ${lane.chainId} used nonce ${named} in transactions that were not made here`;
    const streamId = streams.lane(lane.chainId, lane.address);
    const halts = isHalted ? undefined : this.halts;
    const haltId = halts && `0x${randomBytes(32).toString('hex')}`;
    const found = { chainId: lane.chainId, from: lane.address, nonces: fresh.map(String), keyId, reason };
    const data = { ...found, ...(haltId !== undefined && { haltId }) };
    const type = 'quorate.tx.foreign-nonce.v1';
    tx.appendNext(streamId, [{ type, data, correlationId: streamId, causationId: streamId }]);
    if (halts !== undefined && haltId !== undefined)
      tx.publish(halts.encodeHalt({ haltId, scope: `key:${keyId}`, reason }), streamId);
    tx.afterCommit(() => {
      this.found.inc(fresh.length);
      this.logger.error({ ...found, haltId }, 'a foreign transaction of one of our accounts');
    });
  }
}
