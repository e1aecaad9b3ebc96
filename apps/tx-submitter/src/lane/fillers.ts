/** Uses up nonces that intents gave back and that nobody takes, though later transactions of the lane wait for them. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';

import { streamOf } from '../intent/events';
import { IntentSession } from '../intent/intent-session';
import { intentTerms } from '../intent/intent-terms';
import { selectIntents } from '../intent/stored-intent';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type LaneId } from './lane';
import { type LaneLeases } from './lane-leases';
import { type OrphanedNonce, orphanedNonces, takeOrphan } from './lane-table';

/** How long the next intent of a lane has to come and take a nonce that was given back, in milliseconds. */
export const orphanPatienceMs = 3_000;

export interface FillerParts {
  store: EventStore;
  outcomes: OutcomeRecords;
  leases: Pick<LaneLeases, 'guard'>;
  /** This submitter's name: nobody else's intents begin with it. */
  requester: string;
}

export class Fillers {
  constructor(private readonly parts: FillerParts) {}

  /**
   * @returns whether there is a cancelling transaction to be made now
   * @throws Conflict `lease-lost`
   */
  async fill(lane: LaneId): Promise<boolean> {
    return this.parts.store.transaction(async (tx) => {
      const orphans = await orphanedNonces(tx, lane, orphanPatienceMs);
      if (orphans.length > 0) await this.parts.leases.guard(tx, lane);
      for (const orphan of orphans) await this.fillOne(tx, lane, orphan);
      return orphans.length > 0;
    });
  }

  private async fillOne(
    tx: StoreTransaction,
    lane: LaneId,
    { nonce, ...giver }: OrphanedNonce,
  ): Promise<void> {
    if (!(await takeOrphan(tx, lane, nonce))) return;
    const { outcomes, requester } = this.parts;
    const instead = streamOf(giver);
    const [intent] = await selectIntents(tx, '', 'FROM intent WHERE intent.stream_id = $1', [instead]);
    if (intent === undefined) return;
    const identity = { requester, intentId: `filler-${lane.chainId}-${lane.address}-${nonce}` };
    const session = await IntentSession.load(tx, outcomes, [identity]);
    const { keyId } = intentTerms(intent);
    const fill = { kind: 'fill' as const, keyId, chainId: lane.chainId, from: lane.address, nonce, instead };
    await session.execute(identity, fill, instead);
  }
}
