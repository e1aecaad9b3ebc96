/**
 * Looks through every account for transactions that no intent asked for: somebody else sends from it, while nothing of ours
 * may be on its way. Intents that lost their nonce are found by ForeignNonces.
 */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { isPassing, type Logger, type Metrics } from '@quorate/platform';

import { intentTerms } from '../intent/intent-terms';
import { selectIntents } from '../intent/stored-intent';
import { type LaneId, laneName } from '../lane/lane';
import { type Chain } from '../ports/chain.port';
import { type ForeignAlarm } from './foreign-alarm';
import { holdNonces, moveWatch, unknownNonces, type WatchedLane, watchedLanes } from './foreign-nonce-table';

/** How often some lanes are looked at, in milliseconds, and how many of them. */
const lookMs = 5_000;
const lanesAtOnce = 8;
/** Looks in a row at which a quorum of endpoints must say that a foreign transaction is final. */
const holdDownLooks = 3;

export interface UnknownParts {
  store: Pick<EventStore, 'transaction'>;
  chain: Pick<Chain, 'nonceUsed'>;
  chainId: string;
  alarm: ForeignAlarm;
  metrics: Metrics;
  logger: Logger;
  onFatal: (error: Error) => void;
  now: () => number;
}

/** A lane with a nonce that is used on the chain and that no intent has. */
interface Suspect {
  lane: WatchedLane;
  /** Looks in a row at which it was final. */
  finalLooks: number;
}

export class UnknownNonces {
  private readonly suspects = new Map<string, Suspect>();
  private after = '';
  private lookedAt = -Infinity;
  private current: Promise<void> | undefined;

  constructor(private readonly parts: UnknownParts) {
    const { suspects } = this;
    parts.metrics.gauge({
      name: 'foreign_nonce_suspected',
      help: 'Accounts with a mined transaction that was not made here, and that is not final.',
      collect() {
        this.set(suspects.size);
      },
    });
  }

  /** Called at each new head. */
  onHead(): void {
    const { now } = this.parts;
    if (this.current !== undefined || now() - this.lookedAt < lookMs) return;
    this.lookedAt = now();
    this.current = this.look().finally(() => (this.current = undefined));
  }

  async stop(): Promise<void> {
    await this.current;
  }

  private async look(): Promise<void> {
    const { logger, onFatal } = this.parts;
    try {
      for (const lane of await this.nextLanes()) await this.lookAt(lane);
    } catch (error) {
      if (isPassing(error)) logger.warn({ err: error }, 'accounts are not looked through');
      else onFatal(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Those under suspicion, and the next ones in turn. */
  private async nextLanes(): Promise<WatchedLane[]> {
    const { store, chainId } = this.parts;
    const suspected = [...this.suspects.values()].map(({ lane }) => lane);
    const inTurn = await store.transaction((tx) => watchedLanes(tx, chainId, this.after, lanesAtOnce), {
      durable: false,
    });
    this.after = inTurn.length < lanesAtOnce ? '' : (inTurn.at(-1)?.address ?? '');
    return [...suspected, ...inTurn.filter((lane) => !this.suspects.has(laneName(lane)))];
  }

  private async lookAt(lane: WatchedLane): Promise<void> {
    const { store, chain } = this.parts;
    const nonces = await store.transaction((tx) => unknownNonces(tx, lane, lane.from), { durable: false });
    const [first] = nonces;
    if (first === undefined) return;
    if ((await chain.nonceUsed(lane.address, first, 'latest')) === 'used') {
      await this.suspect(lane, nonces);
      return;
    }
    this.suspects.delete(laneName(lane));
    await store.transaction((tx) => moveWatch(tx, lane, first), { durable: false });
  }

  private async suspect(lane: WatchedLane, nonces: bigint[]): Promise<void> {
    const name = laneName(lane);
    const suspect = this.suspects.get(name) ?? { lane, finalLooks: 0 };
    if (!this.suspects.has(name))
      this.parts.logger.warn({ ...lane }, 'a mined transaction that was not made here');
    this.suspects.set(name, suspect);
    const final = await this.finalOnes(lane, nonces);
    suspect.finalLooks = final.length > 0 ? suspect.finalLooks + 1 : 0;
    if (suspect.finalLooks < holdDownLooks) return;
    await this.parts.store.transaction((tx) => this.raise(tx, lane, final));
    this.suspects.delete(name);
  }

  /** The leading nonces that a final transaction used. */
  private async finalOnes(lane: LaneId, nonces: bigint[]): Promise<bigint[]> {
    const final: bigint[] = [];
    for (const nonce of nonces) {
      if ((await this.parts.chain.nonceUsed(lane.address, nonce, 'finalized')) !== 'used') break;
      final.push(nonce);
    }
    return final;
  }

  /** With the lane locked, and looked at again: an intent may have got such a nonce, and be final, since. */
  private async raise(tx: StoreTransaction, lane: WatchedLane, final: bigint[]): Promise<void> {
    await holdNonces(tx, lane);
    const unknown = new Set(await unknownNonces(tx, lane, lane.from));
    const nonces = final.filter((nonce) => unknown.has(nonce));
    const [newest] = await selectIntents(
      tx,
      '',
      'FROM intent WHERE intent.chain_id = $1 AND intent.address = $2 ORDER BY arrival DESC LIMIT 1',
      [lane.chainId, lane.address],
    );
    if (nonces.length === 0 || newest === undefined) return;
    const { chainId, address } = lane;
    await this.parts.alarm.raise(tx, {
      lane: { chainId, address },
      nonces,
      keyId: intentTerms(newest).keyId,
    });
  }
}
