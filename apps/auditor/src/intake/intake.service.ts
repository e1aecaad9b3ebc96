import { BeforeApplicationShutdown, Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';
import { type MessageLog, type RunningSubscription } from '@quorate/messaging';
import {
  asQuorateError,
  HealthRegistry,
  LOGGER,
  type Logger,
  Metrics,
  PeerDirectory,
  ProcessShutdown,
  type QuorateError,
} from '@quorate/platform';
import { topicNames } from '@quorate/protocol';
import { AUDITOR_CONFIG, type AuditorConfig } from '../config';
import { type LogEntry } from '../log-entry/log-entry';
import { LogTrees } from '../merkle-tree/log-trees';
import { AUDIT_LOG, type AuditLog } from '../ports/audit-log.port';
import { type LogSources } from '../ports/log-sources.port';
import { EVENT_STORE, LOG_SOURCES, MESSAGE_LOG } from '../ports/tokens';
import { SourceGuard } from '../source-check/source-guard';
import { Intake, isSourceProblem } from './intake';

/** How often the topic is looked at by itself. */
const LOOK_EVERY_MS = 2_000;
/** What an entry is, besides a record at its place: an alert for each of them looks for other things. */
const KINDS = ['verified', 'unverified', 'duplicate', 'gap'] as const;
type Kind = (typeof KINDS)[number];

/** Runs the intake from the start to the end of the process, and shows how it is doing. */
@Injectable()
export class IntakeService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly topic: string;
  private readonly intake: Intake;
  private readonly guard: SourceGuard;
  private isClosed = false;
  private isStopping = false;
  private watch: NodeJS.Timeout | undefined;
  private subscription: RunningSubscription | undefined;

  constructor(
    @Inject(AUDITOR_CONFIG) config: AuditorConfig,
    @Inject(MESSAGE_LOG) private readonly messages: MessageLog,
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(AUDIT_LOG) log: AuditLog,
    @Inject(LOG_SOURCES) sources: LogSources,
    trees: LogTrees,
    @Inject(LOGGER) private readonly logger: Logger,
    peers: PeerDirectory,
    private readonly health: HealthRegistry,
    private readonly shutdown: ProcessShutdown,
    private readonly metrics: Metrics,
  ) {
    this.topic = topicNames(config.TOPIC_PREFIX).events;
    const appended = this.metrics.counter({
      name: 'audit_entries_total',
      help: 'Entries appended to the audit log since the start.',
      labelNames: ['kind'],
    });
    for (const kind of KINDS) appended.inc({ kind }, 0);
    const restoredTopicId = config.RESTORED_TOPIC_ID;
    this.guard = new SourceGuard({ topic: this.topic, messages, sources, restoredTopicId });
    this.intake = new Intake({
      guard: this.guard,
      topic: this.topic,
      group: `${config.TOPIC_PREFIX}auditor`,
      messages,
      store,
      log,
      trees,
      lookup: peers.inLog(),
      appended: (entries) => {
        this.health.set('database', true);
        for (const entry of entries) appended.inc({ kind: kindOf(entry) });
        this.reportUnverified(entries);
      },
      failed: (error) => this.health.set('database', false, error.message),
      sourceChecked: (partition, confirmed) =>
        this.health.set(`source of log ${partition}`, confirmed, 'not compared with the topic yet'),
    });
    this.measureLag();
  }

  onApplicationBootstrap(): void {
    this.health.set('kafka', false, `waiting for ${this.topic}`);
    this.messages.onFatal((error) => this.stopped(error));
    this.start().catch((error: unknown) => this.stopped(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.watch);
    await this.subscription?.stop();
  }

  private async start(): Promise<void> {
    this.subscription = await this.intake.start();
    // Where Kafka was away until now, that can be during the shutdown.
    if (this.isStopping) return this.subscription.stop();
    await this.subscription.assigned;
    this.health.set('kafka', true);
    this.watchSource();
  }

  /** What is gone delivers nothing: it is looked for. */
  private watchSource(): void {
    if (this.isClosed || this.isStopping) return;
    this.watch = setTimeout(() => {
      this.guard
        .look(this.intake.positions())
        .then(
          () => this.health.set('topic', true),
          (error: unknown) => this.lookFailed(asQuorateError(error)),
        )
        .finally(() => this.watchSource());
    }, LOOK_EVERY_MS);
  }

  private lookFailed(error: QuorateError): void {
    if (this.isStopping) return;
    if (!isSourceProblem(error)) {
      // Kafka that is away is no reason to answer no queries.
      if (error.code === 'no-topic') this.health.set('topic', false, error.message);
      return;
    }
    void this.subscription?.stop().catch(() => undefined);
    this.stopped(error);
  }

  private stopped(error: unknown): void {
    if (!isSourceProblem(error)) {
      void this.shutdown.fail(error);
      return;
    }
    // What is in the log can still be asked for, and says what an operator needs to know.
    const reason = error instanceof Error ? error.message : String(error);
    this.isClosed = true;
    this.health.set('source', false, reason);
    this.logger.fatal({ err: error }, 'the audit log is closed: its source has changed');
  }

  private reportUnverified(entries: readonly LogEntry[]): void {
    for (const { log, index, reason, verified } of entries) {
      if (!verified) this.logger.warn({ log, index: String(index), reason }, 'entry is not verified');
    }
  }

  private measureLag(): void {
    const { intake, messages, topic } = this;
    const isClosed = (): boolean => this.isClosed;
    this.metrics.gauge({
      name: 'audit_log_closed',
      help: '1 when nothing more is appended because the topic is not the one that the log was made from.',
      collect() {
        this.set(isClosed() ? 1 : 0);
      },
    });
    this.metrics.gauge({
      name: 'audit_lag_records',
      help: 'Records on mpc.events that are not in the audit log yet.',
      labelNames: ['log'],
      async collect() {
        const ends = await messages.highWatermarks(topic).catch(() => undefined);
        for (const [log, next] of intake.positions()) {
          const end = ends?.get(log);
          if (end !== undefined) this.set({ log: String(log) }, Math.max(0, Number(end - next)));
        }
      },
    });
  }
}

function kindOf({ gap, verified, duplicateOf }: LogEntry): Kind {
  if (gap) return 'gap';
  if (!verified) return 'unverified';
  return duplicateOf === null ? 'verified' : 'duplicate';
}
