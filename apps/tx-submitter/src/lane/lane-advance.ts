/** The next turn on a lane: price the intents that wait, reserve nonces for them, and ask for their signatures. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Block, type FeeMarket, type UnsignedTransaction } from '@quorate/evm';

import { type IntentIdentity, streamOf } from '../intent/events';
import { intentTerms } from '../intent/intent-terms';
import { IntentSession } from '../intent/intent-session';
import { type StoredIntent } from '../intent/stored-intent';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { publishSignRequest, requestIdOf, type RequestParts } from '../signing/sign-request';
import { insertAttempt } from './attempt-table';
import { payloadTransaction } from './attempt-transaction';
import { type Fillers } from './fillers';
import { type LaneId } from './lane';
import {
  committedCost,
  lockLane,
  nextQueued,
  nextToCancel,
  oldestOpen,
  postpone,
  type QueuedIntent,
  takeNonces,
} from './lane-table';
import { Nonces } from './nonces';
import { quoteIntent } from './quote-intent';
import { type LaneLeases } from './lane-leases';
import { type Replacements } from './replacements';
import { type IntentSimulation, simulateIntents } from './simulations';

/** How long an intent that cannot be afforded now waits before it is priced again, in milliseconds. */
const waitMs = 1_000;
/** Intents that are priced and reserved in one transaction. */
const atOnce = 50;

export interface LaneParts extends RequestParts {
  store: EventStore;
  chain: Chain;
  /** How many nonces of a lane may be on their way at once. */
  window: number;
  /** The latest block, as the watcher saw it. */
  head: () => Block | undefined;
  outcomes: OutcomeRecords;
  leases: Pick<LaneLeases, 'guard'>;
  replacements: Replacements;
  fillers: Fillers;
  /** Called after the commit that lets an intent wait for so many milliseconds. */
  wakeLaneIn: (lane: LaneId, milliseconds: number) => void;
}

/** What the chain says of a lane; amounts in wei. */
interface LaneFacts {
  head: Block;
  chainNonce: bigint;
  market: FeeMarket;
  balance: bigint;
  simulations: Map<StoredIntent, IntentSimulation>;
}

export class LaneAdvance {
  constructor(private readonly parts: LaneParts) {}

  /**
   * Takes the intents of the lane a step on.
   *
   * @returns whether there may be more to do at once.
   * @throws Unavailable, Conflict `version`: to be tried again; Conflict `lease-lost`: another submitter goes on with it.
   */
  async step(lane: LaneId): Promise<boolean> {
    const head = this.parts.head();
    if (head === undefined) return false;
    const [queued, toCancel] = await this.parts.store.transaction((tx) =>
      Promise.all([nextQueued(tx, lane, atOnce), nextToCancel(tx, lane)]),
    );
    for (const identity of toCancel) await this.cancel(identity);
    if (queued.length === 0) return this.parts.fillers.fill(lane);
    const facts = await this.gather(lane, queued, head);
    const went = await this.parts.store.transaction((tx) => this.reserveAll(tx, lane, queued, facts));
    return went > 0 && queued.length === atOnce;
  }

  private async cancel(identity: IntentIdentity): Promise<void> {
    await this.parts.replacements.replace(identity, 'cancel');
  }

  private async gather(lane: LaneId, queued: StoredIntent[], head: Block): Promise<LaneFacts> {
    const { chain } = this.parts;
    const from = lane.address;
    const [chainNonce, market, balance, simulations] = await Promise.all([
      chain.transactionCount(from),
      chain.feeMarket(head),
      chain.balance(from),
      simulateIntents(chain, from, queued),
    ]);
    return { head, chainNonce: BigInt(chainNonce), market, balance, simulations };
  }

  /** @returns how many intents left the queue */
  private async reserveAll(
    tx: StoreTransaction,
    lane: LaneId,
    queued: QueuedIntent[],
    facts: LaneFacts,
  ): Promise<number> {
    const { chainNonce, simulations } = facts;
    await this.parts.leases.guard(tx, lane);
    const row = await lockLane(tx, lane, chainNonce);
    if (!row.isActive) return 0;
    const session = await IntentSession.load(tx, this.parts.outcomes, queued);
    const nonces = new Nonces(row, chainNonce, this.parts.window);
    let balance = facts.balance - (await committedCost(tx, lane, chainNonce));
    const someFail = [...simulations.values()].some(({ kind }) => kind === 'reverts');
    const oldest = someFail ? await oldestOpen(tx, lane, chainNonce) : undefined;
    let hasEarlier = false;
    let went = 0;
    for (const intent of queued) {
      const nonce = nonces.next;
      if (nonce === undefined) break;
      if (session.state(intent).stage !== 'queued') continue;
      hasEarlier ||= oldest !== undefined && oldest < BigInt(intent.arrival);
      const now = { ...facts, balance, hasEarlier };
      const transaction = await this.price(tx, session, lane, intent, nonce, now);
      hasEarlier ||= transaction !== 'gone';
      if (transaction === 'waits') continue;
      went += 1;
      if (transaction === 'gone') continue;
      nonces.take();
      balance -= transaction.value + transaction.gasLimit * transaction.maxFeePerGas;
      await this.reserve(tx, session, intent, nonce, transaction);
    }
    if (nonces.taken.length > 0) takeNonces(tx, lane, nonces.taken, nonces.nextNonce);
    return went;
  }

  /** The transaction that carries out an intent now; `waits` or `gone` when there is none. */
  private async price(
    tx: StoreTransaction,
    session: IntentSession,
    lane: LaneId,
    intent: StoredIntent,
    nonce: bigint,
    facts: LaneFacts & { hasEarlier: boolean },
  ): Promise<UnsignedTransaction | 'waits' | 'gone'> {
    const terms = intentTerms(intent);
    const simulation = facts.simulations.get(intent);
    const quote = quoteIntent(terms, { ...facts, simulation, now: this.parts.now() });
    const cause = streamOf(intent);
    if (quote.kind === 'wait' || quote.kind === 'later') {
      if (quote.kind === 'wait')
        await session.execute(intent, { kind: 'park', code: quote.code, reason: quote.reason }, cause);
      postpone(tx, streamOf(intent), waitMs);
      tx.afterCommit(() => this.parts.wakeLaneIn(lane, waitMs));
      return 'waits';
    }
    if (quote.kind === 'give-up') {
      await session.execute(intent, quote, cause);
      return 'gone';
    }
    const transaction = payloadTransaction(terms, nonce, quote);
    if (!('reason' in transaction)) return transaction;
    await session.execute(intent, { kind: 'give-up', code: 'invalid', ...transaction }, cause);
    return 'gone';
  }

  private async reserve(
    tx: StoreTransaction,
    session: IntentSession,
    intent: StoredIntent,
    nonce: bigint,
    transaction: UnsignedTransaction,
  ): Promise<void> {
    const { unsigned, digest, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
    const task = { intent, attempt: 0, try: 0, kind: 'payload' as const, unsigned, digest };
    const reserve = {
      kind: 'reserve' as const,
      nonce: String(nonce),
      gasLimit: String(gasLimit),
      maxFeePerGas: String(maxFeePerGas),
      maxPriorityFeePerGas: String(maxPriorityFeePerGas),
      digest,
      requestId: requestIdOf(task),
    };
    await session.execute(intent, reserve, streamOf(intent));
    insertAttempt(tx, streamOf(intent), 0, 'payload', transaction);
    publishSignRequest(tx, task, this.parts);
  }
}
