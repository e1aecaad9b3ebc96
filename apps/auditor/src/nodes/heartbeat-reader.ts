import { randomUUID } from 'node:crypto';
import { BeforeApplicationShutdown, Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { kafkaMessageLog, type MessageLog, pauseFor, recordsOf } from '@quorate/messaging';
import { asQuorateError, kafkaConnection, LOGGER, type Logger, PeerDirectory } from '@quorate/platform';
import { topicNames } from '@quorate/protocol';
import { AUDITOR_CONFIG, type AuditorConfig } from '../config';
import { NodeReports, type NodeView } from './node-reports';

const TRY_AGAIN_MS = 30_000;

/**
 * Follows mpc.heartbeats from its beginning, in memory. It has a connection of its own: whatever happens to it, the log
 * goes on.
 */
@Injectable()
export class HeartbeatReader implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reports: NodeReports;
  private readonly stopping = new AbortController();
  private messages: MessageLog | undefined;
  private following: Promise<void> | undefined;
  private trouble: string | null = 'not read yet';

  constructor(
    @Inject(AUDITOR_CONFIG) private readonly config: AuditorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    peers: PeerDirectory,
  ) {
    const nodes = peers.withRole('node').map(({ kid }) => kid);
    this.reports = new NodeReports(nodes, peers.lookup('node'));
  }

  /** Why what `nodes` says may be incomplete; null when all that was written has been read. */
  get problem(): string | null {
    return this.trouble;
  }

  nodes(now: number): NodeView[] {
    return this.reports.list(now);
  }

  onApplicationBootstrap(): void {
    this.following = this.follow();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.messages?.close();
    await this.following;
  }

  private async follow(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.read();
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.trouble = asQuorateError(error).message;
        this.logger.warn({ reason: this.trouble }, 'the heartbeats of the nodes cannot be read');
      }
      await this.messages?.close().catch(() => undefined);
      await pauseFor(TRY_AGAIN_MS, this.stopping.signal);
    }
  }

  /** Reads until the end of the process; rejects when reading has stopped for good. */
  private async read(): Promise<void> {
    const { config, logger, stopping } = this;
    const messages = kafkaMessageLog({ ...kafkaConnection(config), clientId: config.SERVICE_ID, logger });
    this.messages = messages;
    const ended = new Promise<void>((resolve, reject) => {
      messages.onFatal(reject);
      stopping.signal.addEventListener('abort', () => resolve());
    });
    ended.catch(() => undefined);
    const subscription = await messages.subscribe({
      topic: topicNames(config.TOPIC_PREFIX).heartbeats,
      // Every auditor reads all of it, and never waits for the group of one that has died.
      group: `${config.TOPIC_PREFIX}auditor-heartbeats-${randomUUID()}`,
      start: 'earliest',
      handle: async (batches) => this.reports.learn(recordsOf(batches), Date.now()),
    });
    await Promise.race([subscription.caughtUp(), ended]);
    this.trouble = null;
    await ended;
  }
}
