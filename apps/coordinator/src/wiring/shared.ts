import { randomUUID } from 'node:crypto';
import { type EventStore } from '@quorate/event-store';
import { DurableHalts } from '@quorate/halts';
import { type MessageLog } from '@quorate/messaging';
import {
  type HealthRegistry,
  type Logger,
  type Metrics,
  type PeerDirectory,
  type RequesterDirectory,
} from '@quorate/platform';
import { DeadLetters, type RecordSigner, streams, type TopicNames, topicNames } from '@quorate/protocol';
import { PostgresAnswerRecords } from '../adapters/answer-records.postgres';
import { PostgresCeremonyRecords } from '../adapters/ceremony-records.postgres';
import { type GrpcServerOptions } from '../adapters/grpc-server';
import { PostgresNodeStandings } from '../adapters/node-standings.postgres';
import { PostgresKeyLives } from '../adapters/key-lives.postgres';
import { PostgresKeyOrders } from '../adapters/key-orders.postgres';
import { PostgresOutcomeRecords } from '../adapters/outcome-records.postgres';
import { PostgresPresignBatches } from '../adapters/presign-batches.postgres';
import { PostgresWaitingRequests } from '../adapters/waiting-requests.postgres';
import { Progress } from '../ceremony/progress';
import { NodeConfirmations } from '../node-session/node-confirmations';
import { NodeReports } from '../node-session/node-reports';
import { NodeSessions } from '../node-session/node-sessions';
import { type AnswerRecords } from '../ports/answer-records.port';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type KeyLives } from '../ports/key-lives.port';
import { type KeyOrders } from '../ports/key-orders.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type PresignBatches } from '../ports/presign-batches.port';
import { type WaitingRequests } from '../ports/waiting-requests.port';
import { Conduct } from '../quarantine/conduct';
import { Pulse } from '../quarantine/pulse';
import { Quarantine } from '../quarantine/quarantine';

/** The surroundings of one coordinator. */
export interface CoordinatorParts {
  /** SERVICE_ID, also the kid of its identity. */
  readonly id: string;
  readonly topicPrefix: string;
  readonly stockTarget: number;
  readonly requestDeadlineMs: number;
  /** 0: keys are refreshed on command only. */
  readonly keyRefreshIntervalHours: number;
  readonly grpc: GrpcServerOptions;
  /** Publishing already. */
  readonly store: EventStore;
  readonly log: MessageLog;
  readonly signer: RecordSigner;
  readonly peers: PeerDirectory;
  readonly requesters: RequesterDirectory;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What several rooms of the coordinator use. */
export interface Shared extends CoordinatorParts {
  readonly topics: TopicNames;
  /** This life of the coordinator: `<id>/<uuid>`. */
  readonly life: string;
  readonly outcomes: OutcomeRecords;
  readonly answers: AnswerRecords;
  readonly waiting: WaitingRequests;
  readonly batches: PresignBatches;
  readonly ceremonies: CeremonyRecords;
  readonly orders: KeyOrders;
  readonly lives: KeyLives;
  readonly sessions: NodeSessions;
  readonly reports: NodeReports;
  readonly quarantine: Quarantine;
  readonly pulse: Pulse;
  readonly conduct: Conduct;
  readonly halts: DurableHalts;
  readonly confirmations: NodeConfirmations;
  readonly progress: Progress;
  readonly deadLetters: DeadLetters;
}

/** Which adapter stands behind which port. */
export function wireShared(parts: CoordinatorParts): Shared {
  const topics = topicNames(parts.topicPrefix);
  const { store, clock, logger } = parts;
  const quarantine = new Quarantine(store, new PostgresNodeStandings(), clock, logger);
  const pulse = new Pulse(() => performance.now());
  return {
    ...parts,
    topics,
    life: `${parts.id}/${randomUUID()}`,
    outcomes: new PostgresOutcomeRecords(topics.finals, parts.signer),
    answers: new PostgresAnswerRecords(),
    waiting: new PostgresWaitingRequests(),
    batches: new PostgresPresignBatches(),
    ceremonies: new PostgresCeremonyRecords(),
    orders: new PostgresKeyOrders(),
    lives: new PostgresKeyLives(),
    sessions: new NodeSessions(),
    reports: new NodeReports(),
    quarantine,
    pulse,
    conduct: new Conduct(quarantine, pulse, clock),
    halts: new DurableHalts(streams.halts('coordinators'), store),
    confirmations: new NodeConfirmations(),
    progress: new Progress(),
    deadLetters: new DeadLetters(
      topics.deadLetters,
      parts.id,
      () => parts.clock.now().getTime(),
      parts.metrics,
    ),
  };
}
