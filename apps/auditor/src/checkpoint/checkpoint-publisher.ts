import { randomUUID } from 'node:crypto';
import { OnApplicationShutdown, Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { type EventStore, watchPublishing } from '@quorate/event-store';
import { type LogProducer, type MessageLog } from '@quorate/messaging';
import { HealthRegistry, isPassing, LOGGER, type Logger, Metrics, ProcessShutdown } from '@quorate/platform';
import { type CheckpointStateInput, encodeRecord, type RecordSigner, topicNames } from '@quorate/protocol';
import { AUDITOR_CONFIG, type AuditorConfig } from '../config';
import { LogTrees } from '../merkle-tree/log-trees';
import { type StoredCheckpoint } from '../ports/checkpoints.port';
import { EVENT_STORE, MESSAGE_LOG, RECORD_SIGNER } from '../ports/tokens';

const PUBLISH_EVERY_MS = 1_000;

/**
 * Publishes the newest checkpoint of each log on mpc.state.AUDITOR, at most once a second: an owner of the database who
 * rewrites history contradicts what others hold. What a crash leaves unpublished, the next start publishes.
 */
@Injectable()
export class CheckpointPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly topic: string;
  private readonly published = new Map<number, { note: string; size: number; at: number }>();
  private producer: LogProducer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(AUDITOR_CONFIG) private readonly config: AuditorConfig,
    @Inject(MESSAGE_LOG) private readonly messages: MessageLog,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RECORD_SIGNER) private readonly signer: RecordSigner,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly trees: LogTrees,
    private readonly health: HealthRegistry,
    private readonly shutdown: ProcessShutdown,
    private readonly metrics: Metrics,
  ) {
    this.topic = topicNames(config.TOPIC_PREFIX).state(config.SERVICE_ID);
    const { trees: log, published } = this;
    metrics.gauge({
      name: 'audit_log_size',
      help: 'Leaves of the newest checkpoint.',
      labelNames: ['log'],
      collect() {
        for (const { log: number, size } of log.heads()) this.set({ log: String(number) }, size);
      },
    });
    metrics.gauge({
      name: 'audit_checkpoint_size',
      help: 'Leaves of the newest checkpoint that was published; below audit_log_size while others cannot see the newest.',
      labelNames: ['log'],
      collect() {
        for (const [number, { size }] of published) this.set({ log: String(number) }, size);
      },
    });
    metrics.gauge({
      name: 'audit_checkpoint_age_seconds',
      help: 'Time since the newest checkpoint was published; grows while there are no events.',
      labelNames: ['log'],
      collect() {
        for (const [number, { at }] of published)
          this.set({ log: String(number) }, Math.max(0, (Date.now() - at) / 1_000));
      },
    });
  }

  onApplicationBootstrap(): void {
    this.start().catch((error: unknown) => void this.shutdown.fail(error));
  }

  /** After the intake has ended: with it, all that is in the log is in a checkpoint that others have. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    await this.publishNew();
  }

  private async start(): Promise<void> {
    this.producer = await this.messages.producer();
    await this.store.startDispatcher(this.producer, watchPublishing(this.store, this.metrics, this.health));
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.publishNew());
    }, PUBLISH_EVERY_MS);
  }

  private async publishNew(): Promise<void> {
    const fresh = this.trees.heads().filter(({ log, note }) => this.published.get(log)?.note !== note);
    if (fresh.length === 0 || this.producer === undefined) return;
    try {
      await this.store.transaction(async (tx) => {
        for (const checkpoint of fresh) tx.publish(this.record(checkpoint), this.topic);
      });
      for (const { log, note, size } of fresh) this.published.set(log, { note, size, at: Date.now() });
    } catch (error) {
      if (!isPassing(error)) return void this.shutdown.fail(error);
      this.logger.warn({ err: error }, 'a checkpoint is not published yet');
    }
  }

  private record({ log, note }: StoredCheckpoint) {
    const time = new Date();
    const data: CheckpointStateInput = {
      ...{ type: 'quorate.state.checkpoint.v1', id: randomUUID(), log, note, at: time.toISOString() },
    };
    const source = `/auditor/${this.config.SERVICE_ID}`;
    const key = `log:${log}`;
    return { topic: this.topic, ...encodeRecord({ typ: 'state', source, data, key, time }, this.signer) };
  }
}
