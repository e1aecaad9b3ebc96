import { DynamicModule, Module } from '@nestjs/common';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { kafkaMessageLog, meteredLog } from '@quorate/messaging';
import {
  HttpApiModule,
  kafkaConnection,
  LOGGER,
  type Logger,
  loadIdentityKey,
  Metrics,
  PeerDirectory,
  RequesterDirectory,
} from '@quorate/platform';
import { recordSigner, topicNames } from '@quorate/protocol';

import { createChain } from './adapters/json-rpc/create-chain';
import { SignedRecords } from './adapters/kafka/signed-records';
import { SUBMITTER_MIGRATIONS } from './adapters/postgres/submitter-migrations';
import { SUBMITTER_CONFIG, type SubmitterConfig } from './configuration';
import { leaseMs } from './lane/lease-table';
import { PipelineService } from './pipeline/pipeline.service';
import { SubmitterParts } from './pipeline/submitter-parts';
import { CHAIN, EVENT_STORE, MESSAGE_LOG } from './ports/tokens';
import { submitterApi } from './reference/submitter-api';
import { ChainController } from './transactions/chain.controller';
import { LaneDiagnoses } from './transactions/lane-diagnosis';
import { LanesController } from './transactions/lanes.controller';
import { TransactionCommands } from './transactions/transaction-commands';
import { TransactionQueries } from './transactions/transaction-queries';
import { TransactionsController } from './transactions/transactions.controller';
import { DeliveriesController } from './webhook/deliveries.controller';
import { DeliveryQueries } from './webhook/delivery-queries';
import { Endpoints } from './webhook/endpoints';

@Module({})
export class TxSubmitterModule {
  static register(config: SubmitterConfig): DynamicModule {
    return {
      module: TxSubmitterModule,
      imports: [HttpApiModule.register(submitterApi, config)],
      controllers: [TransactionsController, LanesController, ChainController, DeliveriesController],
      providers: [
        { provide: SUBMITTER_CONFIG, useValue: config },
        {
          provide: PeerDirectory,
          inject: [LOGGER],
          useFactory: (logger: Logger) => PeerDirectory.watch(config.PEERS_FILE, logger),
        },
        {
          provide: RequesterDirectory,
          inject: [LOGGER],
          useFactory: (logger: Logger) => RequesterDirectory.load(config.REQUESTERS_FILE, logger),
        },
        {
          provide: Endpoints,
          inject: [LOGGER],
          useFactory: (logger: Logger) => Endpoints.load(config.WEBHOOKS_FILE, logger),
        },
        {
          provide: SignedRecords,
          useFactory: () => {
            const signer = recordSigner(config.SERVICE_ID, loadIdentityKey(config.IDENTITY_KEY_FILE));
            return new SignedRecords(signer, topicNames(config.TOPIC_PREFIX));
          },
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
          inject: [LOGGER, SignedRecords],
          useFactory: (logger: Logger, records: SignedRecords) =>
            createEventStore({
              url: config.DATABASE_URL.reveal(),
              migrationUrl: config.DATABASE_MIGRATION_URL?.reveal(),
              migrations: SUBMITTER_MIGRATIONS,
              encodeEvent: (event) => records.encodeEvent(event),
              // Shorter than a lease: what a paused process has begun is undone before another takes its lanes.
              idleTransactionMs: leaseMs / 2,
              logger,
            }),
        },
        {
          provide: CHAIN,
          inject: [EVENT_STORE, Metrics, LOGGER],
          useFactory: (store: EventStore, metrics: Metrics, logger: Logger) =>
            createChain(config, { store, metrics, logger }),
        },
        SubmitterParts,
        PipelineService,
        TransactionCommands,
        TransactionQueries,
        LaneDiagnoses,
        DeliveryQueries,
      ],
    };
  }
}
