import { BeforeApplicationShutdown, Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { DeferredInbox, type EventStore, watchPublishing } from '@quorate/event-store';
import { type LogProducer, type MessageLog, pauseFor, type RunningSubscription } from '@quorate/messaging';
import { HealthRegistry, LOGGER, type Logger, Metrics, ProcessShutdown } from '@quorate/platform';

import { EVENT_STORE, MESSAGE_LOG } from '../ports/tokens';
import { SubmitterParts } from './submitter-parts';

/**
 * When a topic has had nothing for this submitter for so long, what comes is fetched some at a time: most finals are for
 * others, and each fetch costs this process and Kafka much more than a record.
 */
const CONCERNED_MS = 10_000;
const UNCONCERNED_PAUSE_MS = 50;

/** Runs the submitter from the start to the end of the process: reads first what it needs to know, then takes work. */
@Injectable()
export class PipelineService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly subscriptions: RunningSubscription[] = [];
  private producer: LogProducer | undefined;
  private stopping = false;

  constructor(
    private readonly parts: SubmitterParts,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(MESSAGE_LOG) private readonly log: MessageLog,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly health: HealthRegistry,
    private readonly shutdown: ProcessShutdown,
    private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.health.set('kafka', false, 'connecting');
    this.health.set('keys', false, 'reading the key records of the nodes');
    this.health.set('chain', false, 'waiting for the first block');
    this.log.onFatal((error) => void this.shutdown.fail(error));
    this.start().catch((error: unknown) => {
      if (!this.stopping) void this.shutdown.fail(error);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.parts.stop();
    await Promise.allSettled(this.subscriptions.map((subscription) => subscription.stop()));
    await this.parts.stateReader.stop();
    await this.store.close();
    await this.producer?.close();
    await this.log.close();
  }

  private async start(): Promise<void> {
    await this.parts.startWatching();
    this.producer = await this.log.producer();
    await this.store.startDispatcher(this.producer, watchPublishing(this.store, this.metrics, this.health));
    await this.parts.stateReader.start();
    this.health.set('keys', true);
    this.subscriptions.push(...(await Promise.all(this.parts.inboxes.map((inbox) => this.subscribe(inbox)))));
    this.parts.startWorking();
    await Promise.all(this.subscriptions.map((subscription) => subscription.assigned));
    this.health.set('kafka', true);
    this.logger.info({}, 'taking intents');
  }

  private subscribe(inbox: SubmitterParts['inboxes'][number]): Promise<RunningSubscription> {
    const { consumer, topic, group, concerns = () => true, handle, onPoison } = inbox;
    const position = (partition: number) => this.store.inboxPosition(consumer, topic, partition);
    const deferred = new DeferredInbox({
      commit: (batches) => this.store.handleBatches(consumer, batches, handle, { onPoison }),
      position,
      onFatal: (error) => void this.shutdown.fail(error),
    });
    let concernedAt = -Infinity;
    return this.log.subscribe({
      topic,
      group,
      start: position,
      handle: async (batches) => {
        const ours = batches.map((batch) => ({ ...batch, records: batch.records.filter(concerns) }));
        await deferred.handle(ours);
        const isBehind = batches.some(({ nextOffset, highWatermark }) => nextOffset < highWatermark);
        if (ours.some(({ records }) => records.length > 0)) concernedAt = performance.now();
        else if (!isBehind && performance.now() - concernedAt > CONCERNED_MS)
          await pauseFor(UNCONCERNED_PAUSE_MS);
      },
      onRevoked: (partitions) => deferred.drop(partitions),
    });
  }
}
