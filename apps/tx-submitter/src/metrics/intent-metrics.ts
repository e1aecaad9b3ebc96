/** What is decided of intents, as counters and times; taken from the events after their commit. */
import { type StoreTransaction } from '@quorate/event-store';
import { type Metrics, setBounded } from '@quorate/platform';
import { type Counter, type Histogram } from 'prom-client';

import { type IntentEvent } from '../intent/events';
import { isForPools } from '../intent/intent';
import { type Decision, type DecisionObserver } from '../ports/decision-observer.port';
import { LaneLabels } from './lane-labels';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];
const ATTEMPTS = [1, 2, 3, 5, 8, 13];
/** Open sign requests whose times are remembered. */
const mostRequests = 10_000;

type Stage = 'reserved' | 'signed' | 'pooled' | 'included' | 'finalized';
const stages: Partial<Record<IntentEvent['type'], Stage>> = {
  'quorate.tx.nonce-reserved.v1': 'reserved',
  'quorate.tx.signed.v1': 'signed',
  'quorate.tx.broadcast.v1': 'pooled',
  'quorate.tx.included.v1': 'included',
  'quorate.tx.finalized.v1': 'finalized',
};

export class IntentMetrics implements DecisionObserver {
  private readonly sinceReceived: Record<Stage, Histogram>;
  private readonly signLatency: Histogram;
  private readonly attempts: Histogram;
  private readonly bumps: Counter<'reason'>;
  private readonly feeCapReached: Counter;
  private readonly parked: Counter<'code'>;
  private readonly reorged: Counter;
  private readonly duplicates: Counter;
  private readonly feeSpent: Counter<'lane'>;
  private readonly lanes = new LaneLabels();
  /** When each open request was made here, in milliseconds since 1970. */
  private readonly requestedAt = new Map<string, number>();

  constructor(
    metrics: Metrics,
    private readonly now: () => number,
  ) {
    const since = (stage: Stage, what: string) =>
      metrics.histogram({
        name: `received_to_${stage}_seconds`,
        help: `From the receipt of an intent until ${what}.`,
        buckets: SECONDS,
      });
    this.sinceReceived = {
      reserved: since('reserved', 'it has a nonce'),
      signed: since('signed', 'its first transaction is signed'),
      pooled: since('pooled', 'an endpoint has it'),
      included: since('included', 'a block holds it'),
      finalized: since('finalized', 'that block is final'),
    };
    this.signLatency = metrics.histogram({
      name: 'sign_latency_seconds',
      help: 'From a sign request until its signature is taken in.',
      buckets: SECONDS,
    });
    this.attempts = metrics.histogram({
      name: 'attempts_per_intent',
      help: 'Transactions that were made for an intent, without rungs that were not needed, until one of them is final.',
      buckets: ATTEMPTS,
    });
    this.bumps = metrics.counter({
      name: 'bump_total',
      help: 'Further transactions at the nonce of an intent, by why they were made.',
      labelNames: ['reason'],
    });
    this.feeCapReached = metrics.counter({
      name: 'fee_cap_reached_total',
      help: 'Dearer transactions that the ceilings of their client or the budget of their account left no room for.',
    });
    this.parked = metrics.counter({
      name: 'parked_total',
      help: 'Times that an intent was parked, by code.',
      labelNames: ['code'],
    });
    this.reorged = metrics.counter({
      name: 'reorged_tx_total',
      help: 'Transactions whose block left the chain.',
    });
    this.duplicates = metrics.counter({
      name: 'duplicate_intent_total',
      help: 'Intents under an id that was taken, with other bytes.',
    });
    this.feeSpent = metrics.counter({
      name: 'fee_spent_wei_total',
      help: 'What transactions cost in the blocks that took them; one that a reorganisation moves counts again.',
      labelNames: ['lane'],
    });
  }

  decided(tx: Pick<StoreTransaction, 'afterCommit'>, decision: Decision): void {
    tx.afterCommit(() => {
      for (const event of decision.events) this.note(event, decision);
    });
  }

  private note(event: IntentEvent, { before, after, receivedAt }: Decision): void {
    const stage = stages[event.type];
    if (stage !== undefined && isFirst(event))
      this.sinceReceived[stage].observe((this.now() - receivedAt.getTime()) / 1_000);
    switch (event.type) {
      case 'quorate.tx.rejected.v1':
        if (event.data.code === 'conflict') this.duplicates.inc();
        return;
      case 'quorate.tx.signature-requested.v1':
        return this.requested(event.data.requestId);
      case 'quorate.tx.signed.v1':
        return this.signed(event.data.requestId);
      case 'quorate.tx.signature-failed.v1':
        this.requestedAt.delete(event.data.requestId);
        return;
      case 'quorate.tx.replaced.v1':
        this.bumps.inc({ reason: event.data.reason });
        return;
      case 'quorate.tx.parked.v1': {
        const { code } = event.data;
        this.parked.inc({ code });
        if (after.stage === 'active' && (code === 'fee-ceiling' || code === 'budget'))
          this.feeCapReached.inc();
        return;
      }
      case 'quorate.tx.reorged.v1':
        this.reorged.inc();
        return;
      case 'quorate.tx.included.v1': {
        if (after.stage !== 'active') return;
        const { gasUsed, effectiveGasPrice } = event.data;
        const lane = this.lanes.of({ chainId: after.facts.chainId, address: after.from });
        this.feeSpent.inc({ lane }, Number(BigInt(gasUsed) * BigInt(effectiveGasPrice)));
        return;
      }
      case 'quorate.tx.finalized.v1':
        if (before.stage === 'active') this.attempts.observe(before.attempts.filter(isForPools).length);
        return;
      default:
        return;
    }
  }

  private requested(requestId: string): void {
    setBounded(this.requestedAt, requestId, this.now(), mostRequests);
  }

  private signed(requestId: string): void {
    const at = this.requestedAt.get(requestId);
    if (at === undefined) return;
    this.requestedAt.delete(requestId);
    this.signLatency.observe((this.now() - at) / 1_000);
  }
}

/** Whether it is about the first transaction of an intent, as far as that can be told. */
function isFirst(event: IntentEvent): boolean {
  return !('attempt' in event.data) || event.data.attempt === 0;
}
