/** Compares a lane with the chain, and mends what no intent will: nonces that nobody has. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';

import { type Chain } from '../ports/chain.port';
import { type LaneId } from './lane';
import { findLane, giveNonceBack, lockLane, takeNonces, usedNonces } from './lane-table';
import { agreedNonce } from './nonces';

/** What was found; nonces are decimal. */
export interface Reconciliation {
  /** The first nonce that no mined transaction used. */
  chainNonce: string;
  /** The first nonce that was never given to an intent. */
  nextNonce: string;
  /** Below nextNonce, given back, for the next intents. */
  vacantNonces: string[];
  /** Not used on the chain, below nextNonce, and of no intent: transactions above them can never be mined. */
  missingNonces: string[];
  /** What was done about it, or would be. */
  actions: string[];
  dryRun: boolean;
}

export class LaneReconciliation {
  constructor(
    private readonly store: EventStore,
    private readonly chain: Chain,
  ) {}

  /**
   * @returns undefined when there is no such lane
   * @throws Unavailable while no endpoint answers, or endpoints disagree
   */
  async reconcile(lane: LaneId, dryRun: boolean): Promise<Reconciliation | undefined> {
    const chainNonce = agreedNonce(await this.chain.transactionCount(lane.address), 0n);
    return this.store.transaction((tx) => this.compare(tx, lane, chainNonce, dryRun));
  }

  private async compare(
    tx: StoreTransaction,
    lane: LaneId,
    chainNonce: bigint,
    dryRun: boolean,
  ): Promise<Reconciliation | undefined> {
    const before = await findLane(tx, lane);
    if (before === undefined) return undefined;
    const { vacant } = await lockLane(tx, lane, chainNonce);
    const { used, newest } = await usedNonces(tx, lane, chainNonce);
    const nextNonce = before.nextNonce;
    const held = new Set([...used, ...vacant]);
    const missing: bigint[] = [];
    for (let nonce = chainNonce; nonce < nextNonce; nonce += 1n) if (!held.has(nonce)) missing.push(nonce);
    const actions = [
      ...(nextNonce < chainNonce
        ? [`go on at ${chainNonce}: the nonces before it are used on the chain`]
        : []),
      ...missing.map((nonce) => `give nonce ${nonce} to the next intent`),
    ];
    if (!dryRun) {
      if (newest !== undefined) for (const nonce of missing) giveNonceBack(tx, lane, String(nonce), newest);
      if (nextNonce < chainNonce) takeNonces(tx, lane, [], chainNonce);
    }
    return {
      ...{ chainNonce: String(chainNonce), nextNonce: String(nextNonce), vacantNonces: vacant.map(String) },
      ...{ missingNonces: missing.map(String), actions, dryRun },
    };
  }
}
