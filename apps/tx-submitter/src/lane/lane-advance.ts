/** The next turn on a lane: price the intents that wait, reserve nonces for them, and ask for their signatures. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Block, type FeeMarket, type UnsignedTransaction } from '@quorate/evm';

import { type IntentIdentity, streamOf } from '../intent/events';
import { intentTerms } from '../intent/intent-terms';
import { type IntentMemory } from '../intent/intent-memory';
import { IntentSession } from '../intent/intent-session';
import { type StoredIntent } from '../intent/stored-intent';
import { type Chain, type TransactionCount } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { publishSignRequest, requestIdOf, type RequestParts } from '../signing/sign-request';
import { insertAttempt } from './attempt-table';
import { payloadTransaction } from './attempt-transaction';
import { isChainPaused } from './chain-pause';
import { type Fillers } from './fillers';
import { type LaneId } from './lane';
import { type LaneAllowance, type LaneBudget } from './lane-budget';
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
import { agreedNonce, countUnaccepted, Nonces, roomOf } from './nonces';
import { type FeeLadder, rungsAbove } from './fee-ladder';
import { ceilingPerGas, quoteIntent } from './quote-intent';
import { type LaneLeases } from './lane-leases';
import { type Replacements } from './replacements';
import { type IntentSimulation, Simulations } from './simulations';

/**
 * How long an intent that cannot go now waits before it is priced again, in milliseconds: at first the shortest, then twice as
 * long each time, so that what it waits for is noticed after at most twice the time, and many of them do not keep a lane busy.
 */
const shortestWaitMs = 1_000;
const longestWaitMs = 10_000;
/** Intents that are priced and reserved in one transaction. */
const atOnce = 50;

export interface LaneParts extends RequestParts {
  store: EventStore;
  chain: Pick<Chain, 'suspicion' | 'transactionCount' | 'feeMarket' | 'balance' | 'simulate'>;
  /** How many nonces of a lane may be without a first accept at once. */
  window: number;
  /** The latest block, as the watcher saw it. */
  head: () => Block | undefined;
  outcomes: OutcomeRecords;
  memory: IntentMemory;
  leases: Pick<LaneLeases, 'guard'>;
  replacements: Pick<Replacements, 'replace'>;
  fillers: Pick<Fillers, 'fill'>;
  budget: LaneBudget;
  /** Absent when nothing is signed in advance. */
  ladder: FeeLadder | undefined;
  /** Called after the commit that lets an intent wait for so many milliseconds. */
  wakeLaneIn: (lane: LaneId, milliseconds: number) => void;
  /** Called after the commit that reserved nonces. */
  onReserved: (lane: LaneId, nonces: readonly bigint[]) => void;
}

/** What the chain says of a lane; amounts in wei. */
interface LaneFacts {
  head: Block;
  count: TransactionCount;
  market: FeeMarket;
  balance: bigint;
  simulations: Map<StoredIntent, IntentSimulation>;
}

/** What is left for the next of them. */
interface Means {
  /** Whether the chain has not executed all that was asked for before it. */
  hasEarlier: boolean;
  balance: bigint;
  /** Absent without a budget. */
  allowance: LaneAllowance | undefined;
}

export class LaneAdvance {
  private readonly simulations: Simulations;

  constructor(private readonly parts: LaneParts) {
    this.simulations = new Simulations(parts.chain);
  }

  /**
   * Takes the intents of the lane a step on.
   *
   * @returns whether there may be more to do at once.
   * @throws Unavailable, Conflict `version`: to be tried again; Conflict `lease-lost`: another submitter goes on with it.
   */
  async step(lane: LaneId): Promise<boolean> {
    const head = this.parts.head();
    if (head === undefined || this.parts.chain.suspicion() !== undefined) return false;
    const [queued, toCancel] = await this.parts.store.transaction((tx) =>
      Promise.all([nextQueued(tx, lane, atOnce), nextToCancel(tx, lane)]),
    );
    for (const identity of toCancel) await this.cancel(identity);
    if (queued.length === 0) return this.parts.fillers.fill(lane);
    const facts = await this.gather(lane, queued, head);
    const settled = await this.parts.store.transaction((tx) => this.reserveAll(tx, lane, queued, facts));
    return settled > 0 && queued.length === atOnce;
  }

  private async cancel(identity: IntentIdentity): Promise<void> {
    await this.parts.replacements.replace(identity, 'cancel');
  }

  private async gather(lane: LaneId, queued: StoredIntent[], head: Block): Promise<LaneFacts> {
    const { chain } = this.parts;
    const from = lane.address;
    const [count, market, balance, simulations] = await Promise.all([
      chain.transactionCount(from),
      chain.feeMarket(head),
      chain.balance(from),
      this.simulations.of(head, from, queued),
    ]);
    return { head, count, market, balance, simulations };
  }

  /** @returns how many intents left the queue or were postponed */
  private async reserveAll(
    tx: StoreTransaction,
    lane: LaneId,
    queued: QueuedIntent[],
    facts: LaneFacts,
  ): Promise<number> {
    const { count, simulations } = facts;
    const chainNonce = BigInt(count.agreed);
    const { outcomes, memory, leases, budget, window } = this.parts;
    // They are executed one after the other, and travel together.
    const [, row, isPaused, unaccepted, cost, session, allowance] = await Promise.all([
      leases.guard(tx, lane),
      lockLane(tx, lane, chainNonce),
      isChainPaused(tx, lane.chainId),
      countUnaccepted(tx, lane, chainNonce),
      committedCost(tx, lane, chainNonce),
      IntentSession.load(tx, outcomes, queued, memory),
      budget.open(tx, lane),
    ]);
    agreedNonce(count, row.nextNonce);
    if (!row.isActive || isPaused) return 0;
    const nonces = new Nonces(row, roomOf(row, chainNonce, unaccepted, window));
    const means = { balance: facts.balance - cost, allowance, hasEarlier: false };
    const someFail = [...simulations.values()].some(({ kind }) => kind === 'reverts');
    const oldest = someFail ? await oldestOpen(tx, lane, chainNonce, queued) : undefined;
    let settled = 0;
    for (const intent of queued) {
      const nonce = nonces.next;
      if (nonce === undefined) break;
      if (session.state(intent).stage !== 'queued') continue;
      means.hasEarlier ||= oldest !== undefined && oldest < BigInt(intent.arrival);
      const transaction = await this.price(tx, session, lane, intent, nonce, facts, means);
      means.hasEarlier ||= transaction !== 'gone';
      settled += 1;
      if (transaction === 'waits' || transaction === 'gone') continue;
      nonces.take();
      means.balance -= transaction.value + transaction.gasLimit * transaction.maxFeePerGas;
      const rungs = this.rungs(intent, nonce, transaction, means.allowance);
      await this.reserve(tx, session, intent, nonce, [transaction, ...rungs]);
    }
    if (nonces.taken.length > 0) {
      takeNonces(tx, lane, nonces.taken, nonces.nextNonce);
      tx.afterCommit(() => this.parts.onReserved(lane, nonces.taken));
    }
    return settled;
  }

  /** The transaction that carries out an intent now; `waits` or `gone` when there is none. */
  private async price(
    tx: StoreTransaction,
    session: IntentSession,
    lane: LaneId,
    intent: QueuedIntent,
    nonce: bigint,
    facts: LaneFacts,
    { balance, allowance, hasEarlier }: Means,
  ): Promise<UnsignedTransaction | 'waits' | 'gone'> {
    const terms = intentTerms(intent);
    const { head, market } = facts;
    const simulation = facts.simulations.get(intent);
    const now = this.parts.now();
    const quote = quoteIntent(terms, { head, market, balance, simulation, hasEarlier, now });
    const cause = streamOf(intent);
    const waitMs = waitOf(intent.pauses, Date.parse(terms.expiresAt) - now);
    if (quote.kind === 'wait') return this.wait(tx, session, lane, intent, { ...quote, waitMs });
    if (quote.kind === 'later') return this.pause(tx, lane, intent, waitMs);
    if (quote.kind === 'give-up') {
      await session.execute(intent, quote, cause);
      return 'gone';
    }
    const transaction = payloadTransaction(terms, nonce, quote);
    if ('reason' in transaction) {
      await session.execute(intent, { kind: 'give-up', code: 'invalid', ...transaction }, cause);
      return 'gone';
    }
    const over = await allowance?.take(transaction);
    return over === undefined ? transaction : this.wait(tx, session, lane, intent, over);
  }

  private async wait(
    tx: StoreTransaction,
    session: IntentSession,
    lane: LaneId,
    intent: StoredIntent,
    { code, reason, waitMs: pause }: { code: string; reason: string; waitMs: number },
  ): Promise<'waits'> {
    await session.execute(intent, { kind: 'park', code, reason }, streamOf(intent));
    return this.pause(tx, lane, intent, pause);
  }

  private pause(tx: StoreTransaction, lane: LaneId, intent: StoredIntent, milliseconds: number): 'waits' {
    postpone(tx, streamOf(intent), milliseconds);
    tx.afterCommit(() => this.parts.wakeLaneIn(lane, milliseconds));
    return 'waits';
  }

  /** Dearer ones that are signed in advance, as far as the ceilings of the client and the budget of the lane have room. */
  private rungs(
    intent: StoredIntent,
    nonce: bigint,
    first: UnsignedTransaction,
    allowance: LaneAllowance | undefined,
  ): UnsignedTransaction[] {
    const { ladder } = this.parts;
    if (ladder === undefined) return [];
    const terms = intentTerms(intent);
    const { gasLimit } = first;
    const rungs: UnsignedTransaction[] = [];
    let counted = gasLimit * first.maxFeePerGas;
    for (const fees of rungsAbove(first, ladder, ceilingPerGas(terms, gasLimit))) {
      const type = first.type === 0 ? 0 : 2;
      const rung = payloadTransaction(terms, nonce, { type, gasLimit, ...fees });
      const cost = gasLimit * fees.maxFeePerGas;
      if ('reason' in rung || allowance?.takeUpTo(cost, counted) === false) break;
      counted = cost;
      rungs.push(rung);
    }
    return rungs;
  }

  /** @param transactions the first, and the rungs above it */
  private async reserve(
    tx: StoreTransaction,
    session: IntentSession,
    intent: StoredIntent,
    nonce: bigint,
    transactions: UnsignedTransaction[],
  ): Promise<void> {
    const streamId = streamOf(intent);
    const tasks = transactions.map(({ unsigned, digest }, attempt) => {
      return { intent, attempt, try: 0, kind: 'payload' as const, unsigned, digest };
    });
    const [first, ...rungs] = transactions.map(
      ({ gasLimit, maxFeePerGas, maxPriorityFeePerGas, digest }, attempt) => ({
        gasLimit: String(gasLimit),
        maxFeePerGas: String(maxFeePerGas),
        maxPriorityFeePerGas: String(maxPriorityFeePerGas),
        ...{ digest, requestId: requestIdOf({ intent, attempt, try: 0, digest }) },
      }),
    );
    if (first === undefined) return;
    await session.execute(intent, { kind: 'reserve', nonce: String(nonce), ...first, rungs }, streamId);
    transactions.forEach((transaction, n) =>
      insertAttempt(tx, streamId, { n, kind: 'payload', isHeld: n > 0 }, transaction),
    );
    const traceparent = session.traceparent(intent);
    for (const task of tasks) publishSignRequest(tx, task, this.parts, traceparent);
  }
}

/** @param leftMs until the intent expires, which its client is to hear in time */
function waitOf(pauses: number, leftMs: number): number {
  return Math.max(shortestWaitMs, Math.min(longestWaitMs, leftMs, shortestWaitMs * 2 ** pauses));
}
