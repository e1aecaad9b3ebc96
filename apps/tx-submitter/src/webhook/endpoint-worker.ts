/** Delivers to one endpoint: what waits there never holds up another. */
import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';

import { attempt, type AttemptResult } from './attempt';
import { claimDeliveries, type ClaimedDelivery, finishDelivery, postponeDelivery } from './delivery-table';
import { type Endpoint } from './endpoint';
import { type ResolveHost } from './resolve-host';
import { nextAttemptAt } from './retry-schedule';
import { tellGivenUp, tellGone } from './webhook-events';
import { type WebhookMetrics } from './webhook-metrics';

export interface EndpointWorkerParts {
  store: EventStore;
  resolve: ResolveHost;
  logger: Logger;
  metrics: Pick<WebhookMetrics, 'attempted' | 'givenUp'>;
  now: () => number;
  /** From 0 to 1. */
  random: () => number;
}

export class EndpointWorker {
  private readonly underWay = new Set<Promise<void>>();
  private readonly ending = new AbortController();
  private taking: Promise<void> = Promise.resolve();
  private isTaking = false;
  private again = false;
  private isGone = false;
  private isRetired = false;
  private isFailing = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly parts: EndpointWorkerParts,
  ) {}

  /** Whether it takes deliveries: it does until its receiver answers 410, or it is retired. */
  get isActive(): boolean {
    return !this.isGone && !this.isRetired;
  }

  /** Tells it that something may have to be delivered. */
  wake(): void {
    this.again = true;
    if (!this.isTaking) this.taking = this.takeWhileAsked();
  }

  /** Takes nothing more. Resolves when the attempts that are under way have ended. */
  async retire(): Promise<void> {
    this.isRetired = true;
    await this.taking;
    await Promise.all(this.underWay);
  }

  /** Retires, and cuts the attempts that are under way: they are made again by whoever comes next. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.retire();
  }

  private async takeWhileAsked(): Promise<void> {
    this.isTaking = true;
    try {
      while (this.again && this.isActive && this.free > 0) {
        this.again = false;
        await this.take();
      }
    } catch (error) {
      this.parts.logger.warn({ err: error, endpoint: this.endpoint.id }, 'webhooks wait');
    }
    this.isTaking = false;
  }

  private get free(): number {
    return this.endpoint.concurrency - this.underWay.size;
  }

  private async take(): Promise<void> {
    // A claim that is lost with the database's memory is made again.
    const claimed = await this.parts.store.transaction(
      (tx) => claimDeliveries(tx, this.endpoint.id, this.free),
      { durable: false },
    );
    for (const delivery of claimed) {
      const delivering = this.deliver(delivery).finally(() => {
        this.underWay.delete(delivering);
        this.wake();
      });
      this.underWay.add(delivering);
    }
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const { resolve, logger, metrics, now } = this.parts;
    const { id } = this.endpoint;
    const { eventId, body, attempts } = delivery;
    const { signal } = this.ending;
    try {
      const message = { eventId, body, attempt: attempts };
      const result = await attempt(this.endpoint, message, resolve, now(), signal);
      if (signal.aborted && result.verdict !== 'delivered') return await this.release(delivery);
      metrics.attempted(id, result.verdict);
      this.noteHealth(result);
      const isGoneNow = result.verdict === 'gone' && !this.isGone;
      if (isGoneNow) {
        this.isGone = true;
        logger.error(
          { endpoint: id },
          'webhook endpoint answered 410: nothing more is sent to it until a reload',
        );
      }
      await this.record(delivery, result, isGoneNow);
    } catch (error) {
      // The claim ends by itself, and the delivery is attempted again: its receiver knows it by its id.
      logger.warn({ err: error, endpoint: id, eventId }, 'result of a webhook could not be stored');
    }
  }

  private async record(delivery: ClaimedDelivery, result: AttemptResult, isGoneNow: boolean): Promise<void> {
    const { store, logger, metrics, now, random } = this.parts;
    const { id: endpoint } = this.endpoint;
    const { eventId, intentId, type, attempts } = delivery;
    const facts = { endpoint, eventId, intentId, type, attempts, result: result.detail };
    if (result.verdict === 'delivered') {
      await this.finish(delivery, 'delivered', result.detail);
      return;
    }
    const failed = {
      createdAt: delivery.createdAt.getTime(),
      attempts,
      retryAfterMs: result.retryAfterMs,
    };
    const at = nextAttemptAt(failed, now(), random());
    if (at === undefined) {
      await this.finish(delivery, 'given-up', result.detail);
      metrics.givenUp(endpoint);
      logger.error(facts, 'webhook given up: it was not taken within three days');
      return;
    }
    await store.transaction(async (tx) => {
      await postponeDelivery(tx, endpoint, delivery, at, result.detail);
      if (isGoneNow) tellGone(tx, endpoint, delivery);
    });
    logger.debug({ ...facts, nextAttemptAt: new Date(at) }, 'webhook not taken');
  }

  /** One line for an outage, not one for each of the thousands of deliveries that wait for its end. */
  private noteHealth({ verdict, detail }: AttemptResult): void {
    const failing = verdict !== 'delivered';
    if (failing === this.isFailing) return;
    this.isFailing = failing;
    const facts = { endpoint: this.endpoint.id, result: detail };
    if (failing) this.parts.logger.warn(facts, 'webhook endpoint does not take what it gets');
    else this.parts.logger.info(facts, 'webhook endpoint takes what it gets again');
  }

  private async finish(
    delivery: ClaimedDelivery,
    state: 'delivered' | 'given-up',
    detail: string,
  ): Promise<void> {
    const { id } = this.endpoint;
    // Without waiting for the disk: what is forgotten in a crash is delivered once more.
    await this.parts.store.transaction(
      async (tx) => {
        const isFinished = await finishDelivery(tx, id, delivery.eventId, state, detail);
        if (isFinished && state === 'given-up') tellGivenUp(tx, id, delivery, detail);
      },
      { durable: false },
    );
  }

  private async release(delivery: ClaimedDelivery): Promise<void> {
    await this.parts.store.transaction((tx) =>
      postponeDelivery(tx, this.endpoint.id, delivery, this.parts.now(), 'interrupted'),
    );
  }
}
