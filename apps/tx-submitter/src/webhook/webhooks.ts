/** Webhooks from the start to the end of the process. What fails here never stops the submitter. */
import { type Logger, type Metrics } from '@quorate/platform';
import { type EventStore } from '@quorate/event-store';

import { endpointsWithWork, forgetFinished, giveUpOrphans } from './delivery-table';
import { EndpointWorker, type EndpointWorkerParts } from './endpoint-worker';
import { type Endpoints } from './endpoints';
import { forgetUnwatched } from './pending-table';
import { pendingAtOnce, writePendingNotices } from './pending-notices';
import { type ResolveHost } from './resolve-host';
import { tellOrphansGivenUp } from './webhook-events';
import { WebhookMetrics } from './webhook-metrics';

/** How often is looked for what became due, or was left by a process that died, in milliseconds. */
const sweepMs = 1_000;
const housekeepingMs = 600_000;
/** Rows that are tidied up in one transaction. */
const tidiedAtOnce = 1_000;

export interface WebhooksParts {
  store: EventStore;
  endpoints: Endpoints;
  metrics: Metrics;
  logger: Logger;
  resolve: ResolveHost;
  now: () => number;
  /** From 0 to 1. */
  random: () => number;
}

export class Webhooks {
  private workers = new Map<string, EndpointWorker>();
  private readonly metrics: WebhookMetrics;
  private readonly workerParts: EndpointWorkerParts;
  /** Of before a reload, with attempts under way. */
  private readonly retiring = new Set<EndpointWorker>();
  private timers: NodeJS.Timeout[] = [];
  private sweeping: Promise<void> | undefined;
  private isRunning = false;

  constructor(private readonly parts: WebhooksParts) {
    this.metrics = new WebhookMetrics(parts.metrics, parts.store, () => this.activity());
    this.workerParts = { ...parts, metrics: this.metrics };
    parts.endpoints.onReload(() => this.replaceWorkers());
  }

  start(): void {
    this.isRunning = true;
    this.replaceWorkers();
    this.timers = [
      setInterval(() => this.sweep(), sweepMs),
      setInterval(() => void this.keepHouse(), housekeepingMs),
    ];
    void this.keepHouse();
  }

  /** Tells an endpoint that something was left for it. */
  wake(endpoint: string): void {
    this.workers.get(endpoint)?.wake();
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    for (const timer of this.timers) clearInterval(timer);
    this.parts.endpoints.close();
    await this.sweeping;
    await Promise.all([...this.retiring, ...this.workers.values()].map((worker) => worker.stop()));
  }

  /** After a reload, endpoints that answered 410 get another chance. */
  private replaceWorkers(): void {
    if (!this.isRunning) return;
    for (const worker of this.workers.values()) {
      this.retiring.add(worker);
      void worker.retire().finally(() => this.retiring.delete(worker));
    }
    const endpoints = this.parts.endpoints.all();
    this.workers = new Map(
      endpoints.map((endpoint) => [endpoint.id, new EndpointWorker(endpoint, this.workerParts)]),
    );
    this.sweep();
  }

  private activity(): Map<string, boolean> {
    return new Map([...this.workers].map(([id, worker]) => [id, worker.isActive]));
  }

  private active(): string[] {
    return [...this.activity()].flatMap(([id, isActive]) => (isActive ? [id] : []));
  }

  private sweep(): void {
    this.sweeping ??= this.sweepOnce()
      .catch((error: unknown) => this.parts.logger.warn({ err: error }, 'webhooks wait'))
      .finally(() => (this.sweeping = undefined));
  }

  private async sweepOnce(): Promise<void> {
    const { store, endpoints, now } = this.parts;
    const active = this.active();
    if (active.length === 0) return;
    for (const { id, pendingEveryMs } of endpoints.all()) {
      if (pendingEveryMs === undefined || !active.includes(id)) continue;
      const write = () => store.transaction((tx) => writePendingNotices(tx, id, pendingEveryMs, now()));
      while (this.isRunning && (await write()) === pendingAtOnce);
    }
    const ripe = await store.transaction((tx) => endpointsWithWork(tx, active), { durable: false });
    for (const id of ripe) this.wake(id);
  }

  private async keepHouse(): Promise<void> {
    const { store, endpoints, logger } = this.parts;
    const watching = endpoints
      .all()
      .flatMap(({ id, pendingEveryMs }) => (pendingEveryMs === undefined ? [] : [id]));
    try {
      while (this.isRunning && (await this.giveUpOrphans()) === tidiedAtOnce);
      await store.transaction((tx) => forgetUnwatched(tx, watching));
      const forget = () => store.transaction((tx) => forgetFinished(tx, tidiedAtOnce));
      while (this.isRunning && (await forget()) === tidiedAtOnce);
    } catch (error) {
      logger.warn({ err: error }, 'webhooks are not tidied up');
    }
  }

  private async giveUpOrphans(): Promise<number> {
    const { store, logger } = this.parts;
    const lost = await store.transaction(async (tx) => {
      const givenUp = await giveUpOrphans(tx, this.active(), tidiedAtOnce);
      tellOrphansGivenUp(tx, givenUp);
      return givenUp;
    });
    for (const endpoint of lost) this.metrics.givenUp(endpoint);
    if (lost.length > 0) {
      const endpoints = [...new Set(lost)];
      logger.error({ lost: lost.length, endpoints }, 'webhooks given up: nobody delivers to their endpoints');
    }
    return lost.length;
  }
}
