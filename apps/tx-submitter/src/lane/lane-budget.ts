/**
 * What a lane may commit to in fees within an hour. An intent counts once: with the most that the dearest of its
 * transactions may cost while it is on its way, and for an hour after a block took it with what it did cost there.
 */
import { type StoreTransaction } from '@quorate/event-store';
import { type UnsignedTransaction } from '@quorate/evm';

import { type IntentEvent, streamOf } from '../intent/events';
import { type Decision, type DecisionObserver } from '../ports/decision-observer.port';
import { earliestRoom, forgetMined, keepCeiling, keepPaid, lockFees, restoreCeiling } from './lane-fee-table';
import { type LaneId } from './lane';

/** The shortest and longest time until what does not fit is looked at again, in milliseconds. */
const shortestWaitMs = 1_000;
const longestWaitMs = 15_000;

/** Why a transaction has to wait, and for how long. */
export interface OverBudget {
  code: 'budget';
  reason: string;
  waitMs: number;
}

/** What is left of the budget of a locked lane within one transaction, in wei. */
export class LaneAllowance {
  constructor(
    private readonly tx: StoreTransaction,
    private readonly lane: LaneId,
    private readonly perHour: bigint,
    private committed: bigint,
    private readonly ofIntent: bigint,
  ) {}

  /** Takes what a transaction may cost more than its intent counts already, or says why it has to wait. */
  async take({ gasLimit, maxFeePerGas }: UnsignedTransaction): Promise<OverBudget | undefined> {
    const cost = gasLimit * maxFeePerGas;
    if (this.takeUpTo(cost, this.ofIntent)) return undefined;
    return this.refusal(cost, this.committed + cost - this.ofIntent - this.perHour);
  }

  /** Takes what a cost is above one that counts already, if there is room. */
  takeUpTo(cost: bigint, counted: bigint): boolean {
    const more = cost > counted ? cost - counted : 0n;
    if (more > 0n && this.committed + more > this.perHour) return false;
    this.committed += more;
    return true;
  }

  private async refusal(cost: bigint, over: bigint): Promise<OverBudget> {
    const { perHour, committed } = this;
    const room = cost > perHour ? undefined : await earliestRoom(this.tx, this.lane, over);
    const waitMs = Math.max(shortestWaitMs, Math.min(longestWaitMs, room?.inMs ?? longestWaitMs));
    const facts = `its account may commit to ${perHour} wei of fees in an hour and has to ${committed}; this may cost ${cost}`;
    return { code: 'budget', reason: `${facts}: ${this.remedy(cost, room?.at)}`, waitMs };
  }

  private remedy(cost: bigint, at: Date | undefined): string {
    if (cost > this.perHour) return 'it goes on when LANE_BUDGET_PER_HOUR is raised';
    return at === undefined
      ? 'it goes on when transactions before it are mined, or some time after'
      : `it goes on at ${at.toISOString()} at the latest`;
  }
}

export class LaneBudget implements DecisionObserver {
  /** @param perHour in wei; nothing is counted or limited without it */
  constructor(private readonly perHour: bigint | undefined) {}

  /**
   * Locks a lane, whose allowance it gives; undefined without a budget.
   *
   * @param streamId of the intent that another transaction is to be made for; without it, all are for intents without one
   */
  async open(tx: StoreTransaction, lane: LaneId, streamId?: string): Promise<LaneAllowance | undefined> {
    if (this.perHour === undefined) return undefined;
    const { committed, ofIntent } = await lockFees(tx, lane, streamId);
    forgetMined(tx, lane);
    return new LaneAllowance(tx, lane, this.perHour, committed, ofIntent);
  }

  decided(tx: StoreTransaction, { identity, events, after, before }: Decision): void {
    if (this.perHour === undefined) return;
    const from = 'from' in after ? after : 'from' in before ? before : undefined;
    if (from === undefined) return;
    const lane = { chainId: from.facts.chainId, address: from.from };
    for (const event of events) count(tx, streamOf(identity), lane, event);
  }
}

function count(tx: StoreTransaction, streamId: string, lane: LaneId, event: IntentEvent): void {
  switch (event.type) {
    case 'quorate.tx.priced.v1': {
      const { gasLimit, maxFeePerGas } = event.data;
      return keepCeiling(tx, streamId, lane, BigInt(gasLimit) * BigInt(maxFeePerGas));
    }
    case 'quorate.tx.included.v1': {
      const { gasUsed, effectiveGasPrice } = event.data;
      return keepPaid(tx, streamId, BigInt(gasUsed) * BigInt(effectiveGasPrice));
    }
    case 'quorate.tx.reorged.v1':
      return restoreCeiling(tx, streamId);
    case 'quorate.tx.superseded.v1':
      return keepPaid(tx, streamId, 0n);
    case 'quorate.tx.failed.v1':
      // With a hash, a cancelling transaction was paid for.
      return event.data.hash === undefined ? keepPaid(tx, streamId, 0n) : undefined;
    default:
      return undefined;
  }
}
