import { type StoreTransaction } from '@quorate/event-store';
import { type Batch, type LogRecord, type RunningSubscription, type Subscription } from '@quorate/messaging';
import { GrpcServer } from './adapters/grpc-server';
import { PartialGathering } from './combine/partial-gathering';
import { StateReader } from './key-registry/state-reader';
import { wireGauges } from './wiring/gauges';
import { wireGrpcServices } from './wiring/grpc-services';
import { type HaltRoom, wireHaltRoom } from './wiring/halt-room';
import { type CoordinatorParts, type Shared, wireShared } from './wiring/shared';
import { type SigningRoom, wireSigningRoom } from './wiring/signing-room';
import { type StockRoom, wireStockRoom } from './wiring/stock-room';

/** One coordinator: its rooms put together, started in order, stopped in reverse. */
export class Coordinator {
  private readonly shared: Shared;
  private readonly stockRoom: StockRoom;
  private readonly signingRoom: SigningRoom;
  private readonly haltRoom: HaltRoom;
  private readonly stateReader: StateReader;
  private readonly grpc: GrpcServer;
  private readonly subscriptions: RunningSubscription[] = [];
  private gathering: PartialGathering | undefined;

  constructor(parts: CoordinatorParts) {
    const shared = wireShared(parts);
    const { log, topics, life, topicPrefix, peers, reports, logger } = shared;
    this.shared = shared;
    this.stockRoom = wireStockRoom(shared);
    this.signingRoom = wireSigningRoom(shared, this.stockRoom);
    this.haltRoom = wireHaltRoom(shared, this.signingRoom);
    this.stateReader = new StateReader(
      log,
      topics,
      `${topicPrefix}${life}`,
      peers,
      this.stockRoom.keys,
      reports,
      logger,
    );
    this.grpc = new GrpcServer(parts.grpc);
    wireGauges(shared, this.signingRoom.assignments);
  }

  /**
   * Reads what is true now, opens the gRPC port, then takes in records.
   * @returns the gRPC port
   */
  async start(): Promise<number> {
    const { health, store, quarantine } = this.shared;
    const { keys, leases, rounds, orderDesk, learning } = this.stockRoom;
    const { deadlines, dueActions, desk } = this.signingRoom;
    for (const part of ['state', 'grpc', 'kafka']) health.set(part, false, 'starting');
    await leases.start();
    await keys.refresh();
    await store.transaction((tx) => quarantine.refresh(tx));
    await Promise.all([this.haltRoom.start(), this.stateReader.start()]);
    health.set('state', true);
    const port = await this.grpc.start(
      wireGrpcServices(this.shared, this.stockRoom, desk, this.haltRoom.calls),
    );
    health.set('grpc', true);
    await orderDesk.scheduleRefreshes();
    learning.start();
    rounds.start();
    deadlines.start(dueActions);
    const consuming = [this.consumeRequests(), this.consumePartials()];
    this.subscriptions.push(...(await Promise.all(consuming)));
    await Promise.all(this.subscriptions.map((subscription) => subscription.assigned));
    health.set('kafka', true);
    this.grpc.setServing(true);
    return port;
  }

  async stop(): Promise<void> {
    this.grpc.setServing(false);
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    await this.gathering?.stop();
    await this.signingRoom.deadlines.stop();
    await this.stockRoom.rounds.stop();
    await this.stockRoom.learning.stop();
    await this.shared.quarantine.stop();
    await this.haltRoom.stop();
    await this.stateReader.stop();
    this.shared.sessions.closeAll();
    this.grpc.stop();
    await this.stockRoom.leases.release();
  }

  private consumeRequests(): Promise<RunningSubscription> {
    const { log, topics } = this.shared;
    const role = 'coordinator';
    return log.subscribe({
      ...this.position(role, topics.requests),
      handle: (batches) =>
        this.handle(role, batches, (tx, records) => this.signingRoom.intake.handle(tx, records)),
    });
  }

  private consumePartials(): Promise<RunningSubscription> {
    const { log, topics } = this.shared;
    const role = 'coordinator-partials';
    const { answerIntake, partialReader, assignments } = this.signingRoom;
    this.gathering = new PartialGathering(
      partialReader,
      (streamId, attempt) => assignments.committeeOf(streamId, attempt),
      (batches) => this.handle(role, batches, (tx, records) => answerIntake.handle(tx, records)),
      (partition) => this.shared.store.inboxPosition(role, topics.partials, partition),
      (error) => this.shared.logger.warn({ err: error }, 'partials wait for the database'),
    );
    const { gathering } = this;
    return log.subscribe({
      ...this.position(role, topics.partials),
      handle: (batches) => gathering.take(batches),
      onAssigned: (partitions) => gathering.forget(partitions),
      onRevoked: (partitions) => gathering.forget(partitions),
    });
  }

  private position(role: string, topic: string): Pick<Subscription, 'topic' | 'group' | 'start'> {
    const { store, topicPrefix } = this.shared;
    const start = (partition: number) => store.inboxPosition(role, topic, partition);
    return { topic, group: `${topicPrefix}${role}`, start };
  }

  private handle(
    role: string,
    batches: readonly Batch[],
    handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>,
  ): Promise<void> {
    const { store, deadLetters } = this.shared;
    return store.handleBatches(role, batches, handle, {
      onPoison: async (tx, record, error) =>
        deadLetters.add(tx, record, { code: 'unhandled', reason: error.message }),
    });
  }
}
