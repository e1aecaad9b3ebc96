/** The next turn on a lane: price the intent that waits, reserve a nonce for it, and ask for its signature. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import {
  type Block,
  checkIntentTransaction,
  encodeUnsignedTransaction,
  type UnsignedTransaction,
} from '@quorate/evm';
import { Invalid } from '@quorate/platform';
import { type TxIntent } from '@quorate/protocol';

import { streamOf } from '../intent/events';
import { intentTerms } from '../intent/intent-terms';
import { IntentSession } from '../intent/intent-session';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { publishSignRequest, requestIdOf, type RequestParts } from '../signing/sign-request';
import { insertAttempt } from './attempt-table';
import { type LaneId } from './lane';
import { lockLane, nextQueued, occupyLane, postpone, type QueuedIntent } from './lane-table';
import { type ChainFacts, type IntentQuote, quoteIntent } from './quote-intent';

/** How long an intent that cannot be afforded now waits before it is priced again, in milliseconds. */
const waitMs = 1_000;

type Price = Extract<IntentQuote, { kind: 'go' }>;

export interface LaneParts extends RequestParts {
  store: EventStore;
  chain: Chain;
  /** The latest block, as the watcher saw it. */
  head: () => Block | undefined;
  outcomes: OutcomeRecords;
  /** Called after the commit that lets an intent wait for so many milliseconds. */
  wakeLaneIn: (lane: LaneId, milliseconds: number) => void;
}

export class LaneAdvance {
  constructor(private readonly parts: LaneParts) {}

  /**
   * Takes one intent of the lane a step on.
   *
   * @returns whether there may be more to do at once.
   * @throws Unavailable, Conflict `version`: to be tried again.
   */
  async step(lane: LaneId): Promise<boolean> {
    const queued = await this.parts.store.transaction((tx) => nextQueued(tx, lane));
    const head = this.parts.head();
    if (queued === undefined || head === undefined) return false;
    const intent = intentTerms(queued.value);
    const [facts, chainNonce] = await Promise.all([
      this.gather(lane, intent, head),
      this.parts.chain.transactionCount(lane.address),
    ]);
    const quote = quoteIntent(intent, facts);
    return this.parts.store.transaction((tx) => this.commit(tx, lane, chainNonce, queued, intent, quote));
  }

  private async gather(
    lane: LaneId,
    { to, value, data, gasLimit }: TxIntent,
    head: Block,
  ): Promise<ChainFacts> {
    const { chain, now } = this.parts;
    const call = { from: lane.address, to, value: BigInt(value), data };
    const [tip, balance, estimate] = await Promise.all([
      chain.tip(),
      chain.balance(lane.address),
      gasLimit === undefined ? chain.estimateGas(call) : undefined,
    ]);
    return { head, tip, balance, estimate, now: now() };
  }

  private async commit(
    tx: StoreTransaction,
    lane: LaneId,
    chainNonce: number,
    queued: QueuedIntent,
    intent: TxIntent,
    quote: IntentQuote,
  ): Promise<boolean> {
    const { nextNonce, signing } = await lockLane(tx, lane, chainNonce);
    if (signing !== undefined) return false;
    const session = await IntentSession.load(tx, this.parts.outcomes, [queued]);
    if (session.state(queued).stage !== 'queued') return true;
    switch (quote.kind) {
      case 'wait':
        await postpone(tx, streamOf(queued), waitMs);
        tx.afterCommit(() => this.parts.wakeLaneIn(lane, waitMs));
        return true;
      case 'give-up':
        await session.execute(queued, quote, streamOf(queued));
        return true;
      case 'go':
        // Nonces that the chain has used are gone, whoever used them.
        await this.reserve(tx, session, lane, max(nextNonce, BigInt(chainNonce)), queued, intent, quote);
        return true;
    }
  }

  private async reserve(
    tx: StoreTransaction,
    session: IntentSession,
    lane: LaneId,
    nonce: bigint,
    queued: QueuedIntent,
    intent: TxIntent,
    price: Price,
  ): Promise<void> {
    const transaction = transactionOf(intent, nonce, price);
    if ('reason' in transaction) {
      await session.execute(queued, { kind: 'give-up', code: 'invalid', ...transaction }, streamOf(queued));
      return;
    }
    const { unsigned, digest } = transaction;
    const task = {
      identity: { requester: queued.requester, intentId: queued.intentId },
      ...{ attempt: 0, try: 0, unsigned, digest, intent, intentValue: queued.value, intentJws: queued.jws },
      approvals: queued.approvals,
    };
    const reserve = {
      kind: 'reserve' as const,
      nonce: String(nonce),
      gasLimit: String(transaction.gasLimit),
      maxFeePerGas: String(transaction.maxFeePerGas),
      maxPriorityFeePerGas: String(transaction.maxPriorityFeePerGas),
      digest,
      requestId: requestIdOf(task),
    };
    await session.execute(queued, reserve, streamOf(queued));
    await insertAttempt(tx, streamOf(queued), 0, transaction);
    await occupyLane(tx, lane, nonce, streamOf(queued));
    await publishSignRequest(tx, task, this.parts);
  }
}

/** The transaction that carries out an intent, checked against it once more; or why there is none. */
function transactionOf(
  intent: TxIntent,
  nonce: bigint,
  price: Price,
): UnsignedTransaction | { reason: string } {
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = price;
  try {
    const transaction = encodeUnsignedTransaction({
      chainId: BigInt(intent.chainId),
      nonce: Number(nonce),
      to: intent.to,
      value: BigInt(intent.value),
      data: intent.data,
      ...{ gasLimit, maxFeePerGas, maxPriorityFeePerGas },
    });
    const broken = checkIntentTransaction(transaction, intent, intent);
    return broken === undefined
      ? transaction
      : { reason: `its transaction would break it: ${broken.reason}` };
  } catch (error) {
    if (error instanceof Invalid) return { reason: error.message };
    throw error;
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
