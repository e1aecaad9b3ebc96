import { randomUUID } from 'node:crypto';
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Batch, type LogRecord, type MessageLog, type RunningSubscription } from '@quorate/messaging';
import {
  type HealthRegistry,
  type Logger,
  type Metrics,
  type PeerDirectory,
  type RequesterDirectory,
} from '@quorate/platform';
import { type RecordSigner, topicNames } from '@quorate/protocol';
import { PostgresAnswerRecords } from './adapters/answer-records.postgres';
import { PostgresCeremonyRecords } from './adapters/ceremony-records.postgres';
import { GrpcServer, type GrpcServerOptions } from './adapters/grpc-server';
import { PostgresKeyOrders } from './adapters/key-orders.postgres';
import { PostgresOutcomeRecords } from './adapters/outcome-records.postgres';
import { PostgresPresignBatches } from './adapters/presign-batches.postgres';
import { PostgresWaitingRequests } from './adapters/waiting-requests.postgres';
import { CeremonyOffice } from './ceremony/ceremony-office';
import { CeremonyResults } from './ceremony/ceremony-results';
import { Progress } from './ceremony/progress';
import { AnswerIntake } from './combine/answer-intake';
import { AttemptProgress } from './combine/attempt-progress';
import { ControlService } from './control/control.service';
import { CreateKeyCheck } from './control/create-key';
import { RequestLookup } from './control/request-lookup';
import { DeadLetters } from './dead-letter/dead-letters';
import { Deadlines } from './deadline/deadlines';
import { KeyCreation } from './key-registry/key-creation';
import { KeyRegistry } from './key-registry/key-registry';
import { StateReader } from './key-registry/state-reader';
import { Assignments } from './node-session/assignments';
import { NodeDesk } from './node-session/node-desk';
import { NodeEvents } from './node-session/node-events';
import { NodeReports } from './node-session/node-reports';
import { NodeSessionService } from './node-session/node-session.service';
import { NodeSessions } from './node-session/node-sessions';
import { type Clock } from './ports/clock.port';
import { PresignatureStock } from './presignature-stock/presignature-stock';
import { StockEvents } from './presignature-stock/stock-events';
import { StockKeeper } from './presignature-stock/stock-keeper';
import { StockLeases } from './presignature-stock/stock-leases';
import { StockReconciliation } from './presignature-stock/stock-reconciliation';
import { StockRounds } from './presignature-stock/stock-rounds';
import { CommitteeChoice } from './sign-request/committee-choice';
import { FinalRecords } from './sign-request/final-record';
import { OverdueRequests } from './sign-request/overdue-requests';
import { RequestIntake } from './sign-request/request-intake';
import { SignRequestMetrics } from './sign-request/sign-request-metrics';
import { SignRequests } from './sign-request/sign-requests';
import { WaitingRoom } from './sign-request/waiting-room';

export interface CoordinatorParts {
  /** SERVICE_ID, also the kid of its identity. */
  readonly id: string;
  readonly topicPrefix: string;
  readonly stockTarget: number;
  readonly requestDeadlineMs: number;
  readonly grpc: GrpcServerOptions;
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

const PRESIGN_BATCH = 12;
const LOW_WATER = 0.5;
const CEREMONIES_PER_NODE = 2;

/** One coordinator process: its parts put together, started in order, stopped in reverse. */
export class Coordinator {
  private readonly subscriptions: RunningSubscription[] = [];
  private readonly grpc: GrpcServer;
  private readonly sessions = new NodeSessions();
  private readonly intake: RequestIntake;
  private readonly answerIntake: AnswerIntake;
  private readonly keys: KeyRegistry;
  private readonly leases: StockLeases;
  private readonly rounds: StockRounds;
  private readonly stateReader: StateReader;
  private readonly deadlines: Deadlines;
  private readonly deadLetters: DeadLetters;
  private readonly nodeService: NodeSessionService;
  private readonly control: ControlService;

  constructor(private readonly parts: CoordinatorParts) {
    const { id, store, log, signer, peers, requesters, logger, clock, metrics } = parts;
    const topics = topicNames(parts.topicPrefix);
    const process = `${id}/${randomUUID()}`;
    const outcomes = new PostgresOutcomeRecords(topics.finals);
    const answers = new PostgresAnswerRecords();
    const waiting = new PostgresWaitingRequests();
    const batches = new PostgresPresignBatches();
    const ceremonies = new PostgresCeremonyRecords();
    const orders = new PostgresKeyOrders();
    const progress = new Progress();
    const reports = new NodeReports();
    const { sessions } = this;
    const presence = {
      readyBootId: (node: string) => sessions.readyBootId(node),
      isLive: (node: string, bootId: string) => sessions.readyBootId(node) === bootId,
      doubts: (committee: readonly string[]) =>
        committee.filter((node) => sessions.isSuspected(node, clock.now())).length,
      hasDeadPair: (keyId: string, committee: readonly string[]) => reports.hasDeadPair(keyId, committee),
    };

    this.keys = new KeyRegistry(store, orders, logger);
    const office = new CeremonyOffice(ceremonies, sessions, peers, clock, progress);
    const creation = new KeyCreation(store, orders, ceremonies, office, this.keys, clock, progress);
    const stock = new PresignatureStock(presence);
    const stockEvents = new StockEvents(clock);
    this.leases = new StockLeases(store, batches, stock, process, logger);
    const policy = {
      target: parts.stockTarget,
      lowWater: LOW_WATER,
      batch: PRESIGN_BATCH,
      concurrency: CEREMONIES_PER_NODE,
    };
    const keeper = new StockKeeper(
      store,
      batches,
      ceremonies,
      waiting,
      office,
      this.leases,
      stock,
      this.keys,
      presence,
      stockEvents,
      policy,
      clock,
      logger,
    );
    const results = new CeremonyResults(ceremonies, sessions, progress, {
      ended: (tx, ceremony, verdict) =>
        ceremony.purpose === 'presign'
          ? keeper.ended(tx, ceremony, verdict)
          : creation.ended(tx, ceremony, verdict),
    });
    const reconciliation = new StockReconciliation(
      store,
      batches,
      ceremonies,
      results,
      stock,
      sessions,
      stockEvents,
      clock,
      logger,
    );

    const assignments = new Assignments(sessions);
    const choice = new CommitteeChoice(stock);
    const signMetrics = new SignRequestMetrics(metrics);
    const finals = new FinalRecords(topics.finals, signer);
    const requests = new SignRequests(
      store,
      outcomes,
      answers,
      waiting,
      batches,
      finals,
      assignments,
      signMetrics,
      clock,
    );
    this.deadLetters = new DeadLetters(topics.deadLetters, id, clock);
    const attempts = new AttemptProgress(this.keys, choice, clock, logger);
    const waitingRoom = new WaitingRoom(store, waiting, requests, choice, stock, logger);
    this.rounds = new StockRounds(store, keeper, reconciliation, this.deadLetters, logger);
    this.intake = new RequestIntake(
      requests,
      outcomes,
      choice,
      this.leases,
      this.keys,
      requesters,
      this.deadLetters,
      signMetrics,
      clock,
      parts.requestDeadlineMs,
    );
    this.answerIntake = new AnswerIntake(
      requests,
      answers,
      attempts,
      results,
      peers,
      this.deadLetters,
      signMetrics,
      clock,
    );
    const overdue = new OverdueRequests(
      requests,
      answers,
      batches,
      attempts,
      assignments,
      sessions,
      clock,
      (keyId) => {
        void waitingRoom.serve(keyId);
        this.rounds.soon();
      },
    );
    this.deadlines = new Deadlines(
      store,
      {
        sign: (tx, row) => overdue.handle(tx, row),
        ceremony: (tx, row) => results.fail(tx, [row.key], 'not ended in time'),
        'key-order': (tx, row) => creation.resume(tx, row.key),
      },
      logger,
    );
    const desk = new NodeDesk(
      store,
      sessions,
      assignments,
      reconciliation,
      results,
      new NodeEvents(clock),
      progress,
      clock,
      logger,
    );
    desk.onDue(() => this.deadlines.look());
    requests.onDemand(() => this.rounds.soon());
    keeper.onStocked((keyId) => {
      void waitingRoom.serve(keyId);
      this.rounds.soon();
    });
    this.keys.onUsable((key) => {
      this.rounds.soon();
      void this.leases.lease(key.keyId);
    });
    sessions.onChange(() => this.rounds.soon());
    progress.watch((note) => {
      if (note.kind === 'ceremony' && note.phase === 'failed') this.rounds.soon();
    });

    this.stateReader = new StateReader(
      log,
      topics,
      `${parts.topicPrefix}${process}`,
      peers,
      this.keys,
      reports,
      logger,
    );
    this.nodeService = new NodeSessionService(sessions, peers, desk, logger);
    const check = new CreateKeyCheck(peers, requesters, sessions, clock);
    const lookup = new RequestLookup(store, outcomes);
    this.control = new ControlService(
      store,
      check,
      creation,
      this.keys,
      batches,
      peers,
      sessions,
      reports,
      lookup,
      progress,
      logger,
    );
    this.grpc = new GrpcServer(parts.grpc);
    observe(metrics, store, assignments, sessions);
  }

  /**
   * Reads what is true now, opens the gRPC port, then takes in records. The store must be publishing already.
   * @returns the gRPC port
   */
  async start(): Promise<number> {
    const { health } = this.parts;
    for (const part of ['state', 'grpc', 'kafka']) health.set(part, false, 'starting');
    await this.leases.start();
    await this.keys.refresh();
    await this.stateReader.start();
    health.set('state', true);
    const port = await this.grpc.start([
      {
        proto: 'node_session',
        name: 'quorate.node.v1.NodeSession',
        implementation: { Open: this.nodeService.open },
      },
      { proto: 'control', name: 'quorate.control.v1.Control', implementation: this.control.implementation() },
    ]);
    health.set('grpc', true);
    this.rounds.start();
    this.deadlines.start();
    const topics = topicNames(this.parts.topicPrefix);
    this.subscriptions.push(
      await this.consume(topics.requests, 'coordinator', (tx, records) => this.intake.handle(tx, records)),
      await this.consume(topics.partials, 'coordinator-partials', (tx, records) =>
        this.answerIntake.handle(tx, records),
      ),
    );
    await Promise.all(this.subscriptions.map((subscription) => subscription.assigned));
    health.set('kafka', true);
    this.grpc.setServing(true);
    return port;
  }

  async stop(): Promise<void> {
    this.grpc.setServing(false);
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    await this.deadlines.stop();
    await this.rounds.stop();
    await this.stateReader.stop();
    this.sessions.closeAll();
    this.grpc.stop();
    await this.leases.release();
  }

  private consume(
    topic: string,
    role: string,
    handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>,
  ): Promise<RunningSubscription> {
    const { store, log, topicPrefix } = this.parts;
    return log.subscribe({
      topic,
      group: `${topicPrefix}${role}`,
      start: (partition) => store.inboxPosition(role, topic, partition),
      handle: (batch: Batch) =>
        store.handleBatch(role, batch, handle, {
          onPoison: async (tx, record, error) =>
            this.deadLetters.add(tx, record, { code: 'unhandled', reason: error.message }),
        }),
    });
  }
}

function observe(
  metrics: Metrics,
  store: EventStore,
  assignments: Assignments,
  sessions: NodeSessions,
): void {
  metrics.gauge({
    name: 'sign_assigned_requests',
    help: 'Requests whose committee this coordinator waits for',
    collect() {
      this.set(assignments.count());
    },
  });
  metrics.gauge({
    name: 'nodes_connected',
    help: 'Nodes with an open session at this coordinator',
    collect() {
      this.set(sessions.connectedCount());
    },
  });
  gaugeOf(
    metrics,
    store,
    'sign_open_requests',
    'Requests without an outcome',
    `SELECT '' AS label, count(*)::int AS value FROM due WHERE kind = 'sign'`,
  );
  gaugeOf(
    metrics,
    store,
    'ceremonies_running',
    'Ceremonies under way',
    `SELECT purpose AS label, count(*)::int AS value FROM ceremony WHERE status = 'running' GROUP BY purpose`,
    'purpose',
  );
  gaugeOf(
    metrics,
    store,
    'presignature_stock',
    'Presignatures left, by key and committee',
    `SELECT key_id || ' ' || array_to_string(committee, ',') AS label,
            sum(cardinality(nonce_points) - next_index)::int AS value
     FROM presign_batch WHERE status = 'stocked' GROUP BY key_id, committee`,
    'committee',
  );
}

/** A gauge read from the database at each scrape. */
function gaugeOf(
  metrics: Metrics,
  store: EventStore,
  name: string,
  help: string,
  sql: string,
  labelName?: string,
): void {
  metrics.gauge({
    name,
    help,
    labelNames: labelName === undefined ? [] : [labelName],
    async collect() {
      const rows = await store.transaction((tx) => tx.query<{ label: string; value: number }>(sql), {
        durable: false,
      });
      this.reset();
      for (const { label, value } of rows)
        this.set(labelName === undefined ? {} : { [labelName]: label }, value);
    },
  });
}
