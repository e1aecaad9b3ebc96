import { type StoreTransaction } from '@quorate/event-store';
import { type Batch, type LogRecord, type RunningSubscription } from '@quorate/messaging';
import { GrpcServer } from './adapters/grpc-server';
import { StateReader } from './key-registry/state-reader';
import { wireGauges } from './wiring/gauges';
import { wireGrpcServices } from './wiring/grpc-services';
import { type CoordinatorParts, type Shared, wireShared } from './wiring/shared';
import { type SigningRoom, wireSigningRoom } from './wiring/signing-room';
import { type StockRoom, wireStockRoom } from './wiring/stock-room';

/** One coordinator: its rooms put together, started in order, stopped in reverse. */
export class Coordinator {
  private readonly shared: Shared;
  private readonly stockRoom: StockRoom;
  private readonly signingRoom: SigningRoom;
  private readonly stateReader: StateReader;
  private readonly grpc: GrpcServer;
  private readonly subscriptions: RunningSubscription[] = [];

  constructor(parts: CoordinatorParts) {
    const shared = wireShared(parts);
    const { log, topics, life, topicPrefix, peers, reports, logger } = shared;
    this.shared = shared;
    this.stockRoom = wireStockRoom(shared);
    this.signingRoom = wireSigningRoom(shared, this.stockRoom);
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
    const { health, topics } = this.shared;
    const { keys, leases, rounds } = this.stockRoom;
    const { intake, answerIntake, deadlines, desk } = this.signingRoom;
    for (const part of ['state', 'grpc', 'kafka']) health.set(part, false, 'starting');
    await leases.start();
    await keys.refresh();
    await this.stateReader.start();
    health.set('state', true);
    const port = await this.grpc.start(wireGrpcServices(this.shared, this.stockRoom, desk));
    health.set('grpc', true);
    rounds.start();
    deadlines.start();
    const consuming = [
      this.consume(topics.requests, 'coordinator', (tx, records) => intake.handle(tx, records)),
      this.consume(topics.partials, 'coordinator-partials', (tx, records) =>
        answerIntake.handle(tx, records),
      ),
    ];
    this.subscriptions.push(...(await Promise.all(consuming)));
    await Promise.all(this.subscriptions.map((subscription) => subscription.assigned));
    health.set('kafka', true);
    this.grpc.setServing(true);
    return port;
  }

  async stop(): Promise<void> {
    this.grpc.setServing(false);
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    await this.signingRoom.deadlines.stop();
    await this.stockRoom.rounds.stop();
    await this.stateReader.stop();
    this.shared.sessions.closeAll();
    this.grpc.stop();
    await this.stockRoom.leases.release();
  }

  private consume(
    topic: string,
    role: string,
    handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>,
  ): Promise<RunningSubscription> {
    const { store, log, topicPrefix, deadLetters } = this.shared;
    return log.subscribe({
      topic,
      group: `${topicPrefix}${role}`,
      start: (partition) => store.inboxPosition(role, topic, partition),
      handle: (batch: Batch) =>
        store.handleBatch(role, batch, handle, {
          onPoison: async (tx, record, error) =>
            deadLetters.add(tx, record, { code: 'unhandled', reason: error.message }),
        }),
    });
  }
}
