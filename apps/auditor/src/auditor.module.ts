import { DynamicModule, Inject, Module, OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { kafkaMessageLog } from '@quorate/messaging';
import {
  ApiReferenceModule,
  Fatal,
  kafkaConnection,
  LOGGER,
  type Logger,
  PeerDirectory,
  ProblemFilter,
} from '@quorate/platform';
import { PostgresAuditLog } from './adapters/audit-log.postgres';
import { AuditTables1764000000000 } from './adapters/audit-tables.migration';
import { LeanAuditEntry1764000000001 } from './adapters/lean-audit-entry.migration';
import { AUDITOR_CONFIG, type AuditorConfig } from './config';
import { ExportController } from './export/export.controller';
import { IntakeService } from './intake/intake.service';
import { AUDIT_LOG } from './ports/audit-log.port';
import { EVENT_STORE, MESSAGE_LOG } from './ports/tokens';
import { EventsController } from './query/events.controller';
import { auditApi } from './reference/audit-api';

@Module({})
export class AuditorModule implements OnApplicationShutdown {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  static register(config: AuditorConfig): DynamicModule {
    return {
      module: AuditorModule,
      imports: [ApiReferenceModule.register(auditApi)],
      controllers: [EventsController, ExportController],
      providers: [
        { provide: AUDITOR_CONFIG, useValue: config },
        { provide: PeerDirectory, useFactory: () => PeerDirectory.load(config.PEERS_FILE) },
        {
          provide: MESSAGE_LOG,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            kafkaMessageLog({ ...kafkaConnection(config), clientId: config.SERVICE_ID, logger }),
        },
        {
          provide: EVENT_STORE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            createEventStore({
              url: config.DATABASE_URL.reveal(),
              migrations: [AuditTables1764000000000, LeanAuditEntry1764000000001],
              encodeEvent: ({ type }) => {
                throw new Fatal('auditor', `the auditor only reads events, it does not write ${type}`);
              },
              logger,
            }),
        },
        {
          provide: AUDIT_LOG,
          inject: [EVENT_STORE],
          useFactory: (store: EventStore) => new PostgresAuditLog(store),
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        IntakeService,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
