/** Spans of the steps of traced intents, each from the step before it; made from the events after their commit. */
import { type StoreTransaction } from '@quorate/event-store';
import { childSpan, setBounded } from '@quorate/platform';

import { type IntentEvent, streamOf } from '../intent/events';
import { type Decision, type DecisionObserver } from '../ports/decision-observer.port';

/** Traced intents whose last step is remembered. */
const mostFollowed = 10_000;

const steps: Partial<Record<IntentEvent['type'], string>> = {
  'quorate.tx.nonce-reserved.v1': 'tx.reserve',
  'quorate.tx.priced.v1': 'tx.price',
  'quorate.tx.signed.v1': 'tx.sign',
  'quorate.tx.broadcast.v1': 'tx.broadcast',
  'quorate.tx.replaced.v1': 'tx.replace',
  'quorate.tx.included.v1': 'tx.include',
  'quorate.tx.confirmed.v1': 'tx.confirm',
  'quorate.tx.finalized.v1': 'tx.finalize',
  'quorate.tx.reorged.v1': 'tx.reorg',
  'quorate.tx.parked.v1': 'tx.park',
};

export class IntentTraces implements DecisionObserver {
  /** When the last step of each traced intent was seen here, in milliseconds since 1970. */
  private readonly lastStep = new Map<string, number>();

  decided(tx: Pick<StoreTransaction, 'afterCommit'>, decision: Decision): void {
    const { after, identity, receivedAt } = decision;
    const traceparent = after.stage === 'unknown' ? undefined : after.facts.traceparent;
    if (traceparent === undefined) return;
    tx.afterCommit(() => {
      const streamId = streamOf(identity);
      const startTime = this.lastStep.get(streamId) ?? receivedAt.getTime();
      for (const { type } of decision.events) {
        const name = steps[type];
        if (name !== undefined) childSpan(name, traceparent, { startTime })?.end();
      }
      this.remember(streamId, after.stage === 'ended');
    });
  }

  private remember(streamId: string, isOver: boolean): void {
    this.lastStep.delete(streamId);
    if (isOver) return;
    setBounded(this.lastStep, streamId, Date.now(), mostFollowed);
  }
}
