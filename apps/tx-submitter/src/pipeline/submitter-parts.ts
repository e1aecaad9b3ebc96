import { Inject, Injectable } from '@nestjs/common';
import {
  Deadlines,
  type DueActions,
  type EventStore,
  type PoisonHandler,
  type StoreTransaction,
} from '@quorate/event-store';
import { type LogRecord, type MessageLog } from '@quorate/messaging';
import {
  HealthRegistry,
  LOGGER,
  type Logger,
  Metrics,
  PeerDirectory,
  ProcessShutdown,
  RequesterDirectory,
} from '@quorate/platform';
import { DeadLetters, topicNames } from '@quorate/protocol';

import { SignedRecords } from '../adapters/kafka/signed-records';
import { Broadcaster } from '../broadcast/broadcaster';
import { ForeignNonces } from '../broadcast/foreign-nonces';
import { HeadWatcher } from '../broadcast/head-watcher';
import { InFlight } from '../broadcast/in-flight';
import { LostFinals } from '../broadcast/lost-finals';
import { Observations } from '../broadcast/observations';
import { SignedElsewhere } from '../broadcast/signed-elsewhere';
import { SUBMITTER_CONFIG, type SubmitterConfig } from '../configuration';
import { ChainRecorder } from '../endpoints/chain-recorder';
import { ForeignAlarm } from '../foreign/foreign-alarm';
import { UnknownNonces } from '../foreign/unknown-nonces';
import { IntentIntake, keyArrivalDue } from '../intent/intent-intake';
import { IntentMemory } from '../intent/intent-memory';
import { PublishedKeys } from '../key-register/published-keys';
import { StateReader } from '../key-register/state-reader';
import { type LaneId } from '../lane/lane';
import { Fillers } from '../lane/fillers';
import { LaneAdvance } from '../lane/lane-advance';
import { LaneBudget } from '../lane/lane-budget';
import { LaneCalls } from '../lane/lane-calls';
import { LaneLeases } from '../lane/lane-leases';
import { LaneReconciliation } from '../lane/reconciliation';
import { LaneWorkers } from '../lane/lane-workers';
import { leaseMs } from '../lane/lease-table';
import { Replacements } from '../lane/replacements';
import { StuckTransactions } from '../lane/stuck-transactions';
import { ChainMetrics } from '../metrics/chain-metrics';
import { IntentMetrics } from '../metrics/intent-metrics';
import { LaneMetrics } from '../metrics/lane-metrics';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { CHAIN, EVENT_STORE, MESSAGE_LOG } from '../ports/tokens';
import { AskAgain } from '../signing/ask-again';
import { FinalIntake, signAgainDue } from '../signing/final-intake';
import { canBeFor } from '../signing/own-answers';
import { reminderDue } from '../signing/sign-request';
import { AnnouncedOutcomes } from '../webhook/announced-outcomes';
import { Endpoints } from '../webhook/endpoints';
import { resolveInDns } from '../webhook/resolve-host';
import { Webhooks } from '../webhook/webhooks';
import { IntentTraces } from '../tracing/intent-traces';

/** A topic that is read in transactions, each batch once. */
export interface Inbox {
  consumer: string;
  topic: string;
  group: string;
  /** Whether a record has to be handled; without it, all have. */
  concerns?: (record: LogRecord) => boolean;
  handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>;
  onPoison: PoisonHandler;
}

/** The working parts of the submitter, joined together. */
@Injectable()
export class SubmitterParts {
  readonly stateReader: StateReader;
  readonly inboxes: Inbox[];
  readonly watcher: HeadWatcher;
  readonly replacements: Replacements;
  readonly outcomes: OutcomeRecords;
  readonly reconciliation: LaneReconciliation;
  private readonly broadcaster: Broadcaster;
  private readonly lanes: LaneWorkers;
  private readonly leases: LaneLeases;
  private readonly calls: LaneCalls;
  private readonly stuck: StuckTransactions;
  private readonly unknownNonces: UnknownNonces;
  private readonly lostFinals: LostFinals;
  private readonly deadlines: Deadlines;
  private readonly dueActions: DueActions;
  private readonly deadLetters: DeadLetters;
  private readonly webhooks: Webhooks;
  private readonly recorder: ChainRecorder;
  private summaries: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SUBMITTER_CONFIG) config: SubmitterConfig,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(MESSAGE_LOG) log: MessageLog,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(LOGGER) logger: Logger,
    records: SignedRecords,
    peers: PeerDirectory,
    requesters: RequesterDirectory,
    endpoints: Endpoints,
    metrics: Metrics,
    health: HealthRegistry,
    shutdown: ProcessShutdown,
  ) {
    const topics = topicNames(config.TOPIC_PREFIX);
    const chainId = config.CHAIN_ID;
    const now = () => Date.now();
    const onFatal = (error: Error): void => void shutdown.fail(error);
    const wakeLane: LaneWorkers['wake'] = (lane) => this.calls.call(lane);
    const budget = new LaneBudget(config.LANE_BUDGET_PER_HOUR);
    const wakeEndpoint: Webhooks['wake'] = (endpoint) => this.webhooks.wake(endpoint);
    this.outcomes = new AnnouncedOutcomes(records, endpoints, wakeEndpoint, [
      budget,
      new IntentMetrics(metrics, now),
      new IntentTraces(),
    ]);
    const chainMetrics = new ChainMetrics(metrics, () => chain.suspicion());
    const { outcomes } = this;
    const memory = new IntentMemory();
    const shared = { store, chain, outcomes, memory, logger, onFatal, now };
    const deadLetters = new DeadLetters(topics.deadLetters, config.SERVICE_ID, now, metrics);
    const keys = new PublishedKeys(logger);
    const inFlight = new InFlight();
    let followed = false;
    let followedAt: number | undefined;
    this.leases = new LaneLeases({
      ...{ store, chainId, logger, onFatal },
      canWork: () => followedAt !== undefined && now() - followedAt < leaseMs,
      onTaken: (lanes) => {
        this.watcher.lanesTaken();
        for (const lane of lanes) this.lanes.wake(lane);
      },
      onLost: (lanes) => {
        inFlight.removeLanes(lanes);
        this.broadcaster.forget(lanes);
      },
    });
    const { leases } = this;
    const observations = new Observations(store, outcomes, memory, leases);

    this.deadLetters = deadLetters;
    const sending = { resolve: resolveInDns(), random: Math.random };
    this.webhooks = new Webhooks({ store, endpoints, metrics, logger, now, ...sending });
    this.deadlines = new Deadlines(store, 1, logger); // two rows may be about one intent
    this.stateReader = new StateReader(
      log,
      topics,
      `${config.TOPIC_PREFIX}${config.SERVICE_ID}`,
      peers,
      keys,
      logger,
    );
    this.broadcaster = new Broadcaster({
      ...shared,
      ...{ inFlight, observations, headNumber: () => this.watcher.head?.number },
      onSentAgain: () => chainMetrics.rebroadcasts.inc(),
      wakeLane: (lane) => this.lanes.wake(lane),
    });
    const elsewhere = new SignedElsewhere({ ...shared, inFlight, leases, broadcaster: this.broadcaster });
    this.calls = new LaneCalls({
      ...{ store, chainId, leases, logger },
      onCall: (lane) => this.lanes.wake(lane),
      onSigned: (hashes) => elsewhere.send(hashes),
    });
    const signing = { ...shared, leases, signRequests: records, requestsTopic: topics.requests };
    const head = () => this.watcher.head;
    this.reconciliation = new LaneReconciliation(store, chain);
    const onReleased = (lane: LaneId, hash: string): void =>
      leases.holds(lane) ? elsewhere.send([hash]) : this.calls.call(lane, hash);
    this.replacements = new Replacements({ ...signing, head, budget, onReleased });
    const { replacements } = this;
    this.stuck = new StuckTransactions({ ...shared, inFlight, replacements });
    this.recorder = new ChainRecorder({ ...shared, chainId });
    chain.onEvent((event) => this.recorder.note(event));
    const alarm = new ForeignAlarm(metrics, logger, config.HALT_ON_FOREIGN ? records : undefined);
    this.unknownNonces = new UnknownNonces({ ...shared, chainId, alarm, metrics });
    this.lostFinals = new LostFinals({
      ...{ ...shared, chainId },
      onSentAgain: () => chainMetrics.rebroadcasts.inc(),
    });
    const foreign = new ForeignNonces({
      ...{ ...shared, inFlight, leases, alarm },
      onSuspected: ({ identity, lane, nonce }) =>
        this.recorder.noteForeignNonce({
          ...identity,
          ...{ chainId, from: lane.address, nonce: String(nonce) },
        }),
    });
    this.watcher = new HeadWatcher({
      ...shared,
      ...{ chainId, inFlight, leases, observations, broadcaster: this.broadcaster },
      onHead: (block) => {
        this.stuck.onHead(block);
        foreign.onHead(block);
        this.unknownNonces.onHead();
        this.lostFinals.onHead();
        // What was included made room in the window of its lane.
        void this.lanes.sweep();
      },
      onReorg: (depth) => chainMetrics.reorgDepth.observe(depth),
      onState: (following, reason) => {
        // Lanes do nothing before the first block.
        if (following) followedAt = now();
        if (following && !followed) {
          void this.leases.lookAround();
          void this.lanes.sweep();
        }
        followed = following;
        health.set('chain', following, reason);
      },
    });
    const intake = new IntentIntake({
      ...shared,
      ...{ chainId, keys, deadLetters, wakeLane, outcomesTopic: topics.outcomes },
      requesters: (kid) => requesters.requester(kid),
    });
    const finals = new FinalIntake({
      ...shared,
      ...{ requester: records.requester, coordinators: peers.lookup('coordinator'), deadLetters, wakeLane },
      onReleased,
      broadcast: (transaction) => {
        if (leases.holds(transaction.lane)) this.broadcaster.send(transaction);
        else this.calls.call(transaction.lane, transaction.hash);
      },
    });
    const askAgain = new AskAgain(signing);
    const advance = new LaneAdvance({
      ...signing,
      ...{ head, replacements, budget, window: config.LANE_WINDOW, ladder: config.FEE_LADDER },
      fillers: new Fillers({ ...shared, leases, requester: records.requester }),
      wakeLaneIn: (lane, milliseconds) => this.lanes.wakeIn(lane, milliseconds),
      onReserved: (lane, nonces) => this.broadcaster.expect(lane, nonces),
    });
    this.lanes = new LaneWorkers(store, chainId, leases, advance, logger, onFatal);
    this.dueActions = {
      [keyArrivalDue]: (tx, row) => intake.lookForKey(tx, row),
      [signAgainDue]: (tx, row) => askAgain.withFreshRequest(tx, row),
      [reminderDue]: (tx, row) => askAgain.withSameRequest(tx, row),
    };
    chain.onEvent(({ kind }) => {
      if (kind === 'trusted') this.lostFinals.onTrusted();
      if (kind === 'suspect' || kind === 'trusted')
        health.set('chain-trust', chain.suspicion() === undefined, chain.suspicion());
    });
    const onPoison: PoisonHandler = async (tx, record, error) => {
      logger.error(
        { err: error, topic: record.topic, offset: String(record.offset) },
        'record cannot be handled',
      );
      deadLetters.add(tx, record, { code: 'unhandled', reason: error.message });
    };
    const group = (name: string) => `${config.TOPIC_PREFIX}${name}`;
    this.inboxes = [
      {
        ...{ consumer: 'submitter', topic: topics.intents, group: group('submitter'), onPoison },
        handle: (tx, batch) => intake.handle(tx, batch),
      },
      {
        ...{ consumer: 'submitter-finals', topic: topics.finals, group: group('submitter-finals'), onPoison },
        concerns: canBeFor(records.requester),
        handle: (tx, batch) => finals.handle(tx, batch),
      },
    ];
    new LaneMetrics({
      ...{ metrics, store, chainId, logger, now },
      balance: (address) => chain.balance(address),
      headNumber: () => this.watcher.head?.number,
    });
    metrics.gauge({
      name: 'transactions_in_flight',
      help: 'Signed transactions without a final outcome.',
      collect() {
        this.set(inFlight.size);
      },
    });
  }

  /** Tells a lane that it may have something to do. */
  wakeLane(lane: LaneId): void {
    this.calls.call(lane);
  }

  /** Follows the chain and sends again what was under way; needs the database only. */
  async startWatching(): Promise<void> {
    this.leases.start();
    this.watcher.start();
    await this.calls.start();
  }

  /** Takes intents on from where they stand. */
  startWorking(): void {
    this.lanes.start();
    this.deadlines.start(this.dueActions);
    this.webhooks.start();
    this.summaries = setInterval(() => void this.summariseDeadLetters(), 10_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.summaries);
    this.lanes.stop();
    this.watcher.stop();
    this.broadcaster.stop();
    await this.recorder.stop();
    // Who waits for an endpoint that does not answer would hold up the end of the process.
    this.chain.close();
    const { deadlines, webhooks, stuck, unknownNonces, lostFinals } = this;
    await Promise.all([deadlines, webhooks, stuck, unknownNonces, lostFinals].map((part) => part.stop()));
    await this.leases.stop();
    await this.calls.stop();
  }

  private async summariseDeadLetters(): Promise<void> {
    if (!this.deadLetters.hasSummaries()) return;
    // A summary that is lost with a failed commit is missed only in the events, never in the topic.
    await this.store.transaction(async (tx) => this.deadLetters.flush(tx)).catch(() => undefined);
  }
}
