/** Another transaction at the nonce of an intent: with higher fees when the chain does not take it, or to cancel it. */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Block, type Fees, type UnsignedTransaction, usualFees } from '@quorate/evm';

import { type IntentIdentity, streamOf } from '../intent/events';
import { canReplace } from '../intent/decide/replacement';
import { type ActiveIntent, isForPools, replacementRefused } from '../intent/intent';
import { intentTerms } from '../intent/intent-terms';
import { IntentSession } from '../intent/intent-session';
import { selectIntents, type StoredIntent } from '../intent/stored-intent';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { publishSignRequest, requestIdOf, type RequestParts } from '../signing/sign-request';
import { insertAttempt } from './attempt-table';
import { cancelTransaction, payloadTransaction, transferGas } from './attempt-transaction';
import { nextRung } from './fee-ladder';
import { type LaneId } from './lane';
import { type LaneBudget } from './lane-budget';
import { type LaneLeases } from './lane-leases';
import { postpone } from './lane-table';
import { priceReplacement } from './price-replacement';
import { ceilingPerGas } from './quote-intent';

/** Why another transaction is made. */
export type ReplacementReason = 'stale' | 'underpriced' | 'speed-up' | 'cancel';

/** How long signers who refused a dearer transaction are not asked for another, in milliseconds. */
const refusedPauseMs = 1_800_000;

export interface ReplacementParts extends RequestParts {
  store: EventStore;
  chain: Chain;
  head: () => Block | undefined;
  outcomes: OutcomeRecords;
  leases: Pick<LaneLeases, 'guard'>;
  budget: LaneBudget;
  /** Called after the commit from which on a transaction that was signed in advance is to be sent. */
  onReleased: (lane: LaneId, hash: string) => void;
}

/** An intent with a nonce, as it is now. */
interface Replaceable {
  intent: StoredIntent;
  state: ActiveIntent;
  gasLimit: bigint;
}

export class Replacements {
  constructor(private readonly parts: ReplacementParts) {}

  /**
   * Has the next rung of an intent's ladder sent; where there is none, prices the next transaction at its nonce and asks for
   * its signature. Parks the intent when its ceilings or the budget of its lane leave no room for that: what it has is sent
   * again then.
   *
   * @returns whether there is, or will be, a dearer transaction.
   * @throws Unavailable, Conflict `version`: to be tried again; Conflict `lease-lost`: the lane is another submitter's.
   */
  async replace(identity: IntentIdentity, reason: ReplacementReason): Promise<boolean> {
    const { store, chain } = this.parts;
    const head = this.parts.head();
    if (head === undefined) return false;
    const usual = usualFees(await chain.feeMarket(head));
    if (reason === 'stale' && !(await this.isNext(identity))) return false;
    return store.transaction((tx) => this.commit(tx, identity, usual, reason));
  }

  /** Whether the chain waits for this intent's nonce, and not for one before it. */
  private async isNext(identity: IntentIdentity): Promise<boolean> {
    const { store, chain, outcomes } = this.parts;
    const session = await store.transaction((tx) => IntentSession.load(tx, outcomes, [identity]));
    const state = session.state(identity);
    return (
      state.stage === 'active' && (await chain.transactionCount(state.from)).agreed === Number(state.nonce)
    );
  }

  private async commit(
    tx: StoreTransaction,
    identity: IntentIdentity,
    usual: Fees,
    reason: ReplacementReason,
  ): Promise<boolean> {
    const session = await IntentSession.load(tx, this.parts.outcomes, [identity]);
    if (await this.climb(tx, session, identity, usual, reason)) return true;
    const current = await this.replaceable(tx, session, identity);
    if (current === undefined) return false;
    if (isByItself(reason) && (await this.mustWait(tx, streamOf(identity), current.state))) return false;
    const lane = laneOf(current.state);
    // Operators may ask any submitter.
    if (reason !== 'speed-up') await this.parts.leases.guard(tx, lane);
    const streamId = streamOf(identity);
    const transaction = nextTransaction(current, usual);
    if ('code' in transaction) {
      await session.execute(identity, { kind: 'park', ...transaction }, streamId);
      return false;
    }
    const { intent, state } = current;
    const allowance = await this.parts.budget.open(tx, lane, streamId);
    const over = await allowance?.take(transaction);
    if (over !== undefined) {
      const { code, reason: why, waitMs } = over;
      await session.execute(identity, { kind: 'park', code, reason: why }, streamId);
      postpone(tx, streamId, waitMs);
      return false;
    }
    const { unsigned, digest, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
    const attempt = state.attempts.length;
    const kind = state.ending === undefined ? ('payload' as const) : ('cancel' as const);
    const task = { intent, attempt, try: 0, kind, unsigned, digest };
    const fees = { gasLimit, maxFeePerGas, maxPriorityFeePerGas };
    const command = {
      ...{
        kind: 'replace' as const,
        attempt,
        attemptKind: kind,
        reason,
        digest,
        requestId: requestIdOf(task),
      },
      gasLimit: String(fees.gasLimit),
      maxFeePerGas: String(fees.maxFeePerGas),
      maxPriorityFeePerGas: String(fees.maxPriorityFeePerGas),
    };
    if ((await session.execute(identity, command, streamId)).length === 0) return false;
    insertAttempt(tx, streamId, { n: attempt, kind, isHeld: false }, transaction);
    publishSignRequest(tx, task, this.parts, session.traceparent(identity));
    return true;
  }

  /** Needs no signer, and no room in a budget: a ladder counts in it as its dearest rung from the start. */
  private async climb(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
    usual: Fees,
    reason: ReplacementReason,
  ): Promise<boolean> {
    const state = session.state(identity);
    const attempt = state.stage === 'active' ? nextRung(state, usual) : undefined;
    if (state.stage !== 'active' || attempt === undefined) return false;
    const lane = laneOf(state);
    if (reason !== 'speed-up') await this.parts.leases.guard(tx, lane);
    await session.execute(identity, { kind: 'climb', attempt, reason }, streamOf(identity));
    const hash = state.attempts[attempt]?.hash;
    if (hash !== undefined) tx.afterCommit(() => this.parts.onReleased(lane, hash));
    return true;
  }

  /** Whether the signers refused the last dearer transaction, and the pause after that is not over. */
  private async mustWait(tx: StoreTransaction, streamId: string, { parked }: ActiveIntent): Promise<boolean> {
    if (parked !== replacementRefused) return false;
    const events = (await tx.readStreams([streamId])).get(streamId) ?? [];
    const refused = events.findLast(({ type }) => type === 'quorate.tx.attempt-dropped.v1');
    return refused !== undefined && this.parts.now() - refused.occurredAt.getTime() < refusedPauseMs;
  }

  private async replaceable(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
  ): Promise<Replaceable | undefined> {
    const state = session.state(identity);
    if (state.stage !== 'active' || !canReplace(state)) return undefined;
    const [intent] = await selectIntents<{ gasLimit: string }>(
      tx,
      ', coalesce(attempt.gas_limit, $2)::text AS "gasLimit"',
      'FROM intent LEFT JOIN attempt ON attempt.stream_id = intent.stream_id AND attempt.n = 0 WHERE intent.stream_id = $1',
      [streamOf(identity), String(transferGas)],
    );
    return intent && { intent, state, gasLimit: BigInt(intent.gasLimit) };
  }
}

function laneOf({ facts, from }: ActiveIntent): LaneId {
  return { chainId: facts.chainId, address: from };
}

/** Whether nobody asked for it. */
function isByItself(reason: ReplacementReason): boolean {
  return reason === 'stale' || reason === 'underpriced';
}

/** The next transaction at the nonce, or why there can be none. */
function nextTransaction(
  { intent, state, gasLimit }: Replaceable,
  usual: Fees,
): UnsignedTransaction | { code: string; reason: string } {
  const terms = intentTerms(intent);
  const nonce = BigInt(state.nonce);
  const earlier = state.attempts.filter(isForPools).map((attempt) => ({
    maxFeePerGas: BigInt(attempt.maxFeePerGas),
    maxPriorityFeePerGas: BigInt(attempt.maxPriorityFeePerGas),
  }));
  if (state.ending !== undefined) {
    const fees = priceReplacement(earlier, usual, undefined);
    // Without a ceiling there is always a price; the nodes' policies limit what a cancelling transaction may cost.
    if (fees.kind === 'go')
      return cancelTransaction({ chainId: state.facts.chainId, address: state.from }, nonce, fees);
  }
  const ceiling = ceilingPerGas(terms, gasLimit);
  const fees = priceReplacement(earlier, usual, ceiling);
  if (fees.kind === 'capped') {
    const reason = `a replacement needs ${fees.needed} wei per gas, its ceilings leave ${ceiling}: amend them, or wait`;
    return { code: 'fee-ceiling', reason };
  }
  const transaction = payloadTransaction(terms, nonce, { gasLimit, ...fees });
  return 'reason' in transaction ? { code: 'invalid', ...transaction } : transaction;
}
