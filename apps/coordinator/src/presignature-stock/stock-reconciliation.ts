import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { fromHex } from '@quorate/protocol';
import { type CeremonyResults } from '../ceremony/ceremony-results';
import { type NodeSessions } from '../node-session/node-sessions';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type NodeLink, type ReportedBatch } from '../ports/node-link.port';
import { type PresignBatches } from '../ports/presign-batches.port';
import { type PresignatureStock } from './presignature-stock';
import { type StockEvents } from './stock-events';

/**
 * Presignatures are not used after this age (threshold-ecdsa.md 11.1). Nodes throw them away at 24 h by their own clocks:
 * half an hour earlier none is asked for that may be gone.
 */
const PRESIGNATURE_LIFE_MS = 23.5 * 60 * 60 * 1000;
/** Ended batches and ceremonies stay known for as long again. */
const MEMORY_MS = PRESIGNATURE_LIFE_MS;

/** Keeps the shelf equal to what the nodes really have: a restarted node has nothing of what it had. */
export class StockReconciliation {
  constructor(
    private readonly store: EventStore,
    private readonly batches: PresignBatches,
    private readonly ceremonies: CeremonyRecords,
    private readonly results: CeremonyResults,
    private readonly stock: PresignatureStock,
    private readonly sessions: NodeSessions,
    private readonly events: StockEvents,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** A node has opened its session and said what it has in memory. */
  async nodeOpened(link: NodeLink, reported: readonly ReportedBatch[]): Promise<void> {
    await this.store.transaction(async (tx) => {
      const bitmaps = new Map(reported.map((batch) => [batch.sessionId, batch.unspent]));
      const stocked = await this.batches.stockedOf(tx, link.nodeId);
      const gone = stocked.filter(
        (batch) => batch.bootIds[link.nodeId] !== link.bootId || !bitmaps.has(batch.sessionId),
      );
      await this.discard(
        tx,
        gone.map((batch) => batch.sessionId),
        `${link.nodeId} does not have it any more`,
      );
      for (const { sessionId, noncePoints, nextIndex } of stocked) {
        const unspent = bitmaps.get(sessionId);
        const first = unspent === undefined ? 0 : firstUnspentTail(unspent, noncePoints.length);
        if (first <= nextIndex) continue;
        await this.batches.skip(tx, sessionId, first);
        tx.afterCommit(() => this.stock.skip(sessionId, first));
      }
      await this.discardUnknown(tx, link, [...bitmaps.keys()]);
      const running = await this.ceremonies.running(tx);
      const stale = running.filter(({ bootIds }) => (bootIds[link.nodeId] ?? link.bootId) !== link.bootId);
      await this.results.fail(
        tx,
        stale.map((ceremony) => ceremony.sessionId),
        `${link.nodeId} restarted`,
      );
    });
  }

  /** Discards what was made for another epoch of the key, or by two nodes that do not work together any more. */
  async discardUnusable(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    deadPairs: readonly (readonly [string, string])[],
  ): Promise<void> {
    const unusable = await this.batches.unusable(tx, keyId, epoch, deadPairs);
    await this.discard(tx, unusable, 'of another epoch, or of a pair that was separated');
  }

  /** A node did not come back: ceremonies for the stock that need it make room for others. */
  async nodeLeft(tx: StoreTransaction, node: string): Promise<void> {
    if (this.sessions.readyBootId(node) !== undefined) return;
    const running = await this.ceremonies.running(tx);
    const waiting = running.filter(
      ({ purpose, participants }) => purpose === 'presign' && participants.includes(node),
    );
    const sessionIds = waiting.map((ceremony) => ceremony.sessionId);
    await this.results.fail(tx, sessionIds, `${node} left`);
  }

  /** Discards what is too old, and forgets what ended long ago. */
  async discardOld(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - PRESIGNATURE_LIFE_MS);
    await this.store.transaction(async (tx) => {
      await this.discard(tx, await this.batches.stockedBefore(tx, before), 'too old');
      const longAgo = new Date(before.getTime() - MEMORY_MS);
      await this.batches.forgetEnded(tx, longAgo);
      await this.ceremonies.forgetEnded(tx, longAgo);
    });
  }

  private async discard(tx: StoreTransaction, sessionIds: readonly string[], reason: string): Promise<void> {
    const discarded = await this.batches.discard(tx, sessionIds);
    for (const { sessionId, keyId, committee } of discarded) {
      this.events.discarded(tx, sessionId, keyId, committee, reason);
    }
    if (discarded.length === 0) return;
    tx.afterCommit(() => {
      this.logger.info({ batches: discarded.length, reason }, 'presignatures discarded');
      this.stock.drop(discarded.map((batch) => batch.sessionId));
      for (const { sessionId, committee } of discarded) {
        const message = { sessionId: fromHex(sessionId), reason };
        for (const node of committee) this.sessions.send(node, { discard: message });
      }
    });
  }

  /** Frees the node's memory of batches that no coordinator will use. */
  private async discardUnknown(
    tx: StoreTransaction,
    link: NodeLink,
    reported: readonly string[],
  ): Promise<void> {
    const known = await this.batches.find(tx, reported);
    const inUse = new Set(
      known.filter((batch) => batch.status !== 'discarded').map((batch) => batch.sessionId),
    );
    const ceremonies = await this.ceremonies.statusOf(tx, reported);
    const useless = reported.filter((id) => !inUse.has(id) && ceremonies.get(id) !== 'running');
    tx.afterCommit(() => {
      for (const sessionId of useless) {
        link.send({
          discard: { sessionId: fromHex(sessionId), reason: 'not in the stock of the coordinators' },
        });
      }
    });
  }
}

/** Index after the last spent presignature; 0 when all are unspent. Bit i of byte floor(i/8) is presignature i. */
export function firstUnspentTail(unspent: Buffer, count: number): number {
  for (let i = count - 1; i >= 0; i--) {
    if (((unspent[i >> 3] ?? 0) & (1 << (i & 7))) === 0) return i + 1;
  }
  return 0;
}
