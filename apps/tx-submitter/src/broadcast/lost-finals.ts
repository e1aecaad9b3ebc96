/**
 * Sends transactions again that were final and are not on the chain any more: their intents are over, and their nonces hold up
 * all that come after them. That happens only below finality, after an operator took the chain as it is.
 */
import { type EventStore } from '@quorate/event-store';
import { isPassing, type Logger } from '@quorate/platform';

import { type LaneId, laneName } from '../lane/lane';
import { type Chain } from '../ports/chain.port';
import { lanesAfter, readLost } from './lost-final-table';

/** How often some lanes are looked at, in milliseconds, and how many of them. */
const lookMs = 5_000;
const lanesAtOnce = 8;

export interface LostFinalParts {
  store: Pick<EventStore, 'transaction'>;
  chain: Pick<Chain, 'transactionCount' | 'broadcast' | 'suspicion'>;
  chainId: string;
  /** Told of each transaction that is sent again. */
  onSentAgain: () => void;
  logger: Logger;
  onFatal: (error: Error) => void;
  now: () => number;
}

export class LostFinals {
  private after = '';
  private lookedAt = -Infinity;
  private current: Promise<void> | undefined;

  constructor(private readonly parts: LostFinalParts) {}

  /** Called at each new head. */
  onHead(): void {
    const { now, chain } = this.parts;
    if (this.current !== undefined || chain.suspicion() !== undefined || now() - this.lookedAt < lookMs)
      return;
    this.lookedAt = now();
    this.current = this.look().finally(() => (this.current = undefined));
  }

  /** The chain was taken as it is: all lanes are looked at, from the first one on. */
  onTrusted(): void {
    this.after = '';
    this.lookedAt = -Infinity;
  }

  async stop(): Promise<void> {
    await this.current;
  }

  private async look(): Promise<void> {
    const { store, chainId, logger, onFatal } = this.parts;
    try {
      const lanes = await store.transaction((tx) => lanesAfter(tx, chainId, this.after, lanesAtOnce), {
        durable: false,
      });
      for (const lane of lanes) await this.sendLost(lane);
      this.after = lanes.length < lanesAtOnce ? '' : (lanes.at(-1)?.address ?? '');
    } catch (error) {
      if (isPassing(error)) logger.warn({ err: error }, 'lost final transactions are looked for again');
      else onFatal(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private async sendLost(lane: LaneId): Promise<void> {
    const { store, chain, logger, onSentAgain } = this.parts;
    const { agreed } = await chain.transactionCount(lane.address);
    const lost = await store.transaction((tx) => readLost(tx, lane, BigInt(agreed)), { durable: false });
    for (const { raw, ...transaction } of lost) {
      logger.warn({ lane: laneName(lane), ...transaction }, 'a transaction that was final is sent again');
      await chain.broadcast(raw, transaction.hash, true).first;
      onSentAgain();
    }
  }
}
