import { Inject, Injectable } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';
import { type MessageLog } from '@quorate/messaging';
import {
  HealthRegistry,
  LOGGER,
  type Logger,
  Metrics,
  PeerDirectory,
  ProcessShutdown,
  RequesterDirectory,
} from '@quorate/platform';
import { SignedRecords } from '../adapters/kafka/signed-records';
import { type HeadWatcher } from '../broadcast/head-watcher';
import { SUBMITTER_CONFIG, type SubmitterConfig } from '../configuration';
import { type StateReader } from '../key-register/state-reader';
import { type LaneId } from '../lane/lane';
import { LaneReconciliation } from '../lane/reconciliation';
import { type Replacements } from '../lane/replacements';
import { LaneMetrics } from '../metrics/lane-metrics';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { CHAIN, EVENT_STORE, MESSAGE_LOG } from '../ports/tokens';
import { Endpoints } from '../webhook/endpoints';
import { type ChainRoom, wireChainRoom } from '../wiring/chain-room';
import { type LaneRoom, wireLaneRoom } from '../wiring/lane-room';
import { type Inbox, type RecordRoom, wireRecordRoom } from '../wiring/record-room';
import { type Shared, wireShared } from '../wiring/shared';

const SUMMARY_EVERY_MS = 10_000;

/** The working parts of the submitter, joined together. */
@Injectable()
export class SubmitterParts {
  readonly reconciliation: LaneReconciliation;
  private readonly shared: Shared;
  private readonly lanes: LaneRoom;
  private readonly chain: ChainRoom;
  private readonly records: RecordRoom;
  private summaries: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SUBMITTER_CONFIG) config: SubmitterConfig,
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(MESSAGE_LOG) log: MessageLog,
    @Inject(CHAIN) chain: Chain,
    @Inject(LOGGER) logger: Logger,
    records: SignedRecords,
    peers: PeerDirectory,
    requesters: RequesterDirectory,
    endpoints: Endpoints,
    metrics: Metrics,
    health: HealthRegistry,
    shutdown: ProcessShutdown,
  ) {
    const surroundings = { config, store, chain, records, endpoints, metrics, health, shutdown, logger };
    this.shared = wireShared(surroundings);
    this.lanes = wireLaneRoom(this.shared, () => this.chain);
    this.chain = wireChainRoom(this.shared, this.lanes);
    this.records = wireRecordRoom(this.shared, this.lanes, this.chain, { log, peers, requesters });
    this.reconciliation = new LaneReconciliation(store, chain);
    this.measure();
  }

  get outcomes(): OutcomeRecords {
    return this.shared.outcomes;
  }

  get replacements(): Replacements {
    return this.lanes.replacements;
  }

  get watcher(): HeadWatcher {
    return this.chain.watcher;
  }

  get stateReader(): StateReader {
    return this.records.stateReader;
  }

  get inboxes(): readonly Inbox[] {
    return this.records.inboxes;
  }

  /** Tells a lane that it may have something to do. */
  wakeLane(lane: LaneId): void {
    this.lanes.calls.call(lane);
  }

  /** Follows the chain and sends again what was under way; needs the database only. */
  async startWatching(): Promise<void> {
    this.lanes.leases.start();
    this.watcher.start();
    await this.lanes.calls.start();
  }

  /** Takes intents on from where they stand. */
  startWorking(): void {
    this.lanes.workers.start();
    this.records.deadlines.start(this.records.dueActions);
    this.shared.webhooks.start();
    this.summaries = setInterval(() => void this.summariseDeadLetters(), SUMMARY_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.summaries);
    this.lanes.workers.stop();
    await Promise.all([this.chain, this.records.deadlines, this.shared.webhooks].map((part) => part.stop()));
    await this.lanes.leases.stop();
    await this.lanes.calls.stop();
  }

  private measure(): void {
    const { metrics, store, chain, chainId, inFlight, logger, now } = this.shared;
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

  private async summariseDeadLetters(): Promise<void> {
    const { deadLetters } = this.records;
    if (!deadLetters.hasSummaries()) return;
    // A summary that is lost with a failed commit is missed only in the events, never in the topic.
    await this.shared.store.transaction(async (tx) => deadLetters.flush(tx)).catch(() => undefined);
  }
}
