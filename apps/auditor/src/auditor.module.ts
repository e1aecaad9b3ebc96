import { DynamicModule, Inject, Module, OnApplicationShutdown } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';
import { kafkaMessageLog, type MessageLog, meteredLog } from '@quorate/messaging';
import {
  HttpApiModule,
  kafkaConnection,
  loadIdentityKey,
  LOGGER,
  Metrics,
  type Logger,
  PeerDirectory,
} from '@quorate/platform';
import { recordSigner } from '@quorate/protocol';
import { PostgresAuditLog } from './adapters/audit-log.postgres';
import { openAuditorStore } from './adapters/auditor-store';
import { PostgresCheckpoints } from './adapters/checkpoints.postgres';
import { PostgresLogSources } from './adapters/log-sources.postgres';
import { PostgresTreeNodes } from './adapters/tree-nodes.postgres';
import { CheckpointPublisher } from './checkpoint/checkpoint-publisher';
import { Cosignatures } from './checkpoint/cosignatures';
import { CosignaturesController } from './checkpoint/cosignatures.controller';
import { LogIdentity } from './checkpoint/log-identity';
import { AUDITOR_CONFIG, type AuditorConfig } from './config';
import { ExportController } from './export/export.controller';
import { ExportStreams } from './export/export-streams';
import { IntakeService } from './intake/intake.service';
import { LogTrees } from './merkle-tree/log-trees';
import { HeartbeatReader } from './nodes/heartbeat-reader';
import { NodesController } from './nodes/nodes.controller';
import { PageFiles } from './page/page-files';
import { PageController } from './page/page.controller';
import { AUDIT_LOG, type AuditLog } from './ports/audit-log.port';
import { EVENT_STORE, LOG_SOURCES, MESSAGE_LOG, RECORD_SIGNER } from './ports/tokens';
import { Proofs } from './proof/proofs';
import { ProofsController } from './proof/proofs.controller';
import { EventsController } from './query/events.controller';
import { auditApi } from './reference/audit-api';
import { Tiles } from './tile/tiles';
import { TilesController } from './tile/tiles.controller';

@Module({})
export class AuditorModule implements OnApplicationShutdown {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(MESSAGE_LOG) private readonly messages: MessageLog,
  ) {}

  static register(config: AuditorConfig): DynamicModule {
    const nodes = new PostgresTreeNodes();
    const checkpoints = new PostgresCheckpoints();
    return {
      module: AuditorModule,
      imports: [HttpApiModule.register(auditApi, config)],
      controllers: [
        CosignaturesController,
        EventsController,
        ExportController,
        NodesController,
        PageController,
        ProofsController,
        TilesController,
      ],
      providers: [
        { provide: AUDITOR_CONFIG, useValue: config },
        {
          provide: PeerDirectory,
          inject: [LOGGER],
          useFactory: (logger: Logger) => PeerDirectory.watch(config.PEERS_FILE, logger),
        },
        {
          provide: MESSAGE_LOG,
          inject: [LOGGER, Metrics],
          useFactory: (logger: Logger, metrics: Metrics) =>
            meteredLog(
              kafkaMessageLog({ ...kafkaConnection(config), clientId: config.SERVICE_ID, logger }),
              metrics,
              config.TOPIC_PREFIX,
            ),
        },
        {
          provide: EVENT_STORE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            openAuditorStore(
              {
                url: config.DATABASE_URL.reveal(),
                migrationUrl: config.DATABASE_MIGRATION_URL?.reveal(),
              },
              logger,
            ),
        },
        {
          provide: AUDIT_LOG,
          inject: [EVENT_STORE],
          useFactory: (store: EventStore) => new PostgresAuditLog(store),
        },
        {
          provide: LOG_SOURCES,
          inject: [EVENT_STORE],
          useFactory: (store: EventStore) => new PostgresLogSources(store),
        },
        {
          provide: RECORD_SIGNER,
          useFactory: () => recordSigner(config.SERVICE_ID, loadIdentityKey(config.IDENTITY_KEY_FILE)),
        },
        {
          provide: LogIdentity,
          useFactory: () => new LogIdentity(config.LOG_ORIGIN, loadIdentityKey(config.IDENTITY_KEY_FILE)),
        },
        {
          provide: LogTrees,
          inject: [EVENT_STORE, AUDIT_LOG, LogIdentity],
          useFactory: (store: EventStore, log: AuditLog, identity: LogIdentity) =>
            new LogTrees({ store, log, nodes, checkpoints, identity }),
        },
        {
          provide: Cosignatures,
          inject: [EVENT_STORE, LogIdentity],
          useFactory: (store: EventStore, identity: LogIdentity) =>
            new Cosignatures(store, checkpoints, identity, config.WITNESSES),
        },
        {
          provide: Proofs,
          inject: [EVENT_STORE, AUDIT_LOG],
          useFactory: (store: EventStore, log: AuditLog) => new Proofs(store, log, nodes, checkpoints),
        },
        {
          provide: Tiles,
          inject: [EVENT_STORE, AUDIT_LOG],
          useFactory: (store: EventStore, log: AuditLog) => new Tiles(store, log, nodes),
        },
        CheckpointPublisher,
        ExportStreams,
        HeartbeatReader,
        { provide: PageFiles, useFactory: () => PageFiles.load() },
        IntakeService,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    // What is committed is published before Kafka is left.
    await this.store.close();
    await this.messages.close();
  }
}
