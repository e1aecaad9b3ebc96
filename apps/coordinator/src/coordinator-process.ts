import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  type EncodableEvent,
  createEventStore,
  type EventStore,
  watchPublishing,
} from '@quorate/event-store';
import {
  kafkaMessageLog,
  type LogProducer,
  type MessageLog,
  meteredLog,
  type OutgoingRecord,
} from '@quorate/messaging';
import {
  type HealthRegistry,
  kafkaConnection,
  loadIdentityKey,
  type Logger,
  type Metrics,
  PeerDirectory,
  type ProcessShutdown,
  RequesterDirectory,
} from '@quorate/platform';
import { encodeRecord, eventData, type RecordSigner, recordSigner, topicNames } from '@quorate/protocol';
import { assertNativeCurve } from '@quorate/threshold';
import { COORDINATOR_MIGRATIONS } from './adapters/migrations';
import { type CoordinatorConfig } from './configuration';
import { Coordinator } from './coordinator';
import { systemClock } from './ports/clock.port';

/** Connects the coordinator to its real surroundings: files, Kafka, Postgres. */
export class CoordinatorProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  private coordinator: Coordinator | undefined;
  private store: EventStore | undefined;
  private producer: LogProducer | undefined;
  private log: MessageLog | undefined;
  private peers: PeerDirectory | undefined;
  private requesters: RequesterDirectory | undefined;

  constructor(
    private readonly config: CoordinatorConfig,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly shutdown: ProcessShutdown,
    private readonly logger: Logger,
  ) {}

  /** Does not wait for the start: the HTTP port opens meanwhile and says what is missing. */
  onApplicationBootstrap(): void {
    this.health.set('kafka', false, 'not assigned yet');
    void this.start().catch((error: unknown) => this.shutdown.fail(error));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.coordinator?.stop();
    await this.store?.close();
    await this.producer?.close();
    await this.log?.close();
    this.requesters?.close();
    this.peers?.close();
  }

  private async start(): Promise<void> {
    const { config, logger } = this;
    assertNativeCurve();
    const signer = recordSigner(config.SERVICE_ID, loadIdentityKey(config.IDENTITY_KEY_FILE));
    const peers = PeerDirectory.watch(config.PEERS_FILE, logger);
    this.peers = peers;
    this.requesters = RequesterDirectory.load(config.REQUESTERS_FILE, logger);
    const kafka = kafkaMessageLog({ ...kafkaConnection(config), clientId: config.SERVICE_ID, logger });
    this.log = meteredLog(kafka, this.metrics, config.TOPIC_PREFIX);
    this.log.onFatal((error) => void this.shutdown.fail(error));
    const events = topicNames(config.TOPIC_PREFIX).events;
    this.health.set('database', false, 'connecting');
    this.store = await createEventStore({
      url: config.DATABASE_URL.reveal(),
      migrationUrl: config.DATABASE_MIGRATION_URL?.reveal(),
      migrations: COORDINATOR_MIGRATIONS,
      encodeEvent: eventEncoder(events, signer),
      logger,
    });
    this.health.set('database', true);
    this.producer = await this.log.producer();
    await this.store.startDispatcher(this.producer, watchPublishing(this.store, this.metrics, this.health));
    this.coordinator = new Coordinator({
      id: config.SERVICE_ID,
      topicPrefix: config.TOPIC_PREFIX,
      stockTarget: config.STOCK_TARGET,
      requestDeadlineMs: config.REQUEST_DEADLINE_MS,
      keyRefreshIntervalHours: config.KEY_REFRESH_INTERVAL_HOURS,
      grpc: {
        host: config.GRPC_HOST,
        port: config.GRPC_PORT,
        caFile: config.GRPC_CA_FILE,
        certFile: config.GRPC_CERT_FILE,
        keyFile: config.GRPC_KEY_FILE,
      },
      store: this.store,
      log: this.log,
      signer,
      peers,
      requesters: this.requesters,
      metrics: this.metrics,
      health: this.health,
      logger,
      clock: systemClock,
    });
    const grpcPort = await this.coordinator.start();
    logger.info({ grpcPort }, 'coordinator ready');
  }
}

/**
 * Makes the signed records of mpc.events.
 * @param topic mpc.events with the prefix of this deployment
 */
export function eventEncoder(topic: string, signer: RecordSigner): (event: EncodableEvent) => OutgoingRecord {
  const actor = `/coordinator/${signer.kid}`;
  return ({ data: payload, type, ...facts }) => {
    const data = eventData({ ...facts, type, actor }, payload);
    const { streamId: key, occurredAt: time, traceparent } = facts;
    const record = { typ: 'event' as const, source: actor, data, key, time, traceparent };
    return { topic, ...encodeRecord(record, signer) };
  };
}
