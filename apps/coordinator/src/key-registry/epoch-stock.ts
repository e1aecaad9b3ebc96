import { type StoreTransaction } from '@quorate/event-store';
import { fromHex, type KeyFacts } from '@quorate/protocol';
import { type SuiteId } from '@quorate/threshold';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { committeeName, type PresignBatches } from '../ports/presign-batches.port';
import { stockCommittees } from '../presignature-stock/committees';
import { type PresignatureStock } from '../presignature-stock/presignature-stock';
import { type StockEvents } from '../presignature-stock/stock-events';
import { indicesOf } from './key-content';

/** One batch of each committee is enough to begin with: afterwards the stock is filled up as usual. */
const FIRST_BATCH = 12;
const TRIES = 2;
/** The former epoch's presignatures are erased a minute after the health checks; requests must have moved on by then. */
const PATIENCE_MS = 15_000;

/** The presignatures of a new epoch before it serves requests, and those of the one before it afterwards. */
export class EpochStock {
  constructor(
    private readonly batches: PresignBatches,
    private readonly ceremonies: CeremonyRecords,
    private readonly office: CeremonyOffice,
    private readonly stock: PresignatureStock,
    private readonly events: StockEvents,
    private readonly hasDeadPair: (keyId: string, committee: readonly string[]) => boolean,
  ) {}

  /**
   * Orders the first batches of an epoch that does not serve requests yet.
   * @param ageMs since when this is tried
   * @returns whether there is as much as can be had
   */
  async fill(
    tx: StoreTransaction,
    facts: KeyFacts,
    suite: SuiteId,
    orderNonce: string,
    ageMs: number,
  ): Promise<boolean> {
    const { keyId, epoch, threshold, participants } = facts;
    const own = (await this.ceremonies.ofOrder(tx, orderNonce)).filter(
      (ceremony) => ceremony.purpose === 'presign' && ceremony.epoch === epoch,
    );
    const indices = indicesOf(facts);
    let isFull = true;
    for (const committee of stockCommittees(participants, threshold)) {
      const name = committeeName(committee);
      const tried = own.filter((ceremony) => committeeName([...ceremony.participants].sort()) === name);
      if (tried.some(({ status }) => status === 'ok') || tried.length >= TRIES) continue;
      if (this.hasDeadPair(keyId, committee)) continue;
      isFull = false;
      if (tried.some(({ status }) => status === 'running')) continue;
      const ceremony = await this.office.order(tx, {
        purpose: 'presign',
        suite,
        keyId,
        epoch,
        threshold,
        parties: participants.length,
        members: committee.map((node) => ({ node, index: indices.get(node) ?? 0 })),
        batch: FIRST_BATCH,
        priority: 1,
        orderNonce,
      });
      if (ceremony !== undefined) {
        this.events.started(tx, ceremony.sessionId, keyId, committee, FIRST_BATCH);
      }
    }
    return isFull || ageMs > PATIENCE_MS;
  }

  /**
   * Hands out presignatures of this epoch from the commit on. What is under way with older ones goes on: the nodes keep
   * them for another while, and erase them by themselves.
   */
  async switchTo(tx: StoreTransaction, keyId: string, epoch: number): Promise<void> {
    const reason = `the key has moved on to epoch ${epoch}`;
    const discarded = await this.batches.switchEpoch(tx, keyId, epoch);
    for (const { sessionId, committee } of discarded) {
      this.events.discarded(tx, sessionId, keyId, committee, reason);
    }
    tx.afterCommit(() => this.stock.drop(discarded.map(({ sessionId }) => sessionId)));
  }

  /** The key has ended: nothing of it is given out any more, and the nodes may forget it. */
  async clear(
    tx: StoreTransaction,
    keyId: string,
    tell: (node: string, sessionId: Buffer, reason: string) => void,
  ): Promise<void> {
    const reason = 'the key is retired';
    const discarded = await this.batches.discardKey(tx, keyId);
    for (const { sessionId, committee } of discarded) {
      this.events.discarded(tx, sessionId, keyId, committee, reason);
    }
    tx.afterCommit(() => {
      this.stock.drop(discarded.map(({ sessionId }) => sessionId));
      for (const { sessionId, committee } of discarded) {
        for (const node of committee) tell(node, fromHex(sessionId), reason);
      }
    });
  }
}
