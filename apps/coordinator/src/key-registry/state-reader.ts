import { type LogRecord, type MessageLog, recordsOf, type RunningSubscription } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { heartbeatSchema, stateSchema, type TopicNames, verifyServiceRecord } from '@quorate/protocol';
import { type NodeReports } from '../node-session/node-reports';
import { type KeyRegistry } from './key-registry';

/** Reads what every node publishes about itself: its register on mpc.state.NODE and its heartbeats. */
export class StateReader {
  private readonly running: RunningSubscription[] = [];

  /** @param reader names this process, so that a restarted one never waits for its predecessor's group */
  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly reader: string,
    private readonly peers: PeerDirectory,
    private readonly keys: KeyRegistry,
    private readonly reports: NodeReports,
    private readonly logger: Logger,
  ) {}

  /** Resolves when all that was there at the call has been read. */
  async start(): Promise<void> {
    const nodes = this.peers.withRole('node').map((peer) => peer.kid);
    const subscriptions = [
      ...nodes.map((node) => this.read(this.topics.state(node), (record) => this.learnState(node, record))),
      this.read(this.topics.heartbeats, (record) => this.learnHeartbeat(record)),
    ];
    this.running.push(...(await Promise.all(subscriptions)));
    await Promise.all(this.running.map((subscription) => subscription.caughtUp()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((subscription) => subscription.stop()));
  }

  private read(topic: string, learn: (record: LogRecord) => void): Promise<RunningSubscription> {
    return this.log.subscribe({
      topic,
      group: `${this.reader}-${topic}`,
      start: 'earliest',
      handle: async (batches) => {
        for (const record of recordsOf(batches)) if (record.value !== null) learn(record);
      },
    });
  }

  private learnState(node: string, record: LogRecord): void {
    const lookup = this.peers.lookup('node');
    const verified = verifyServiceRecord(record, { typ: 'state', schema: stateSchema, lookup });
    if (!verified.ok || verified.kid !== node) {
      const reason = verified.ok ? `signed by ${verified.kid}` : verified.reason;
      this.logger.warn({ node, reason }, 'a state record is ignored');
    } else if (verified.data.type === 'quorate.state.key.v1') {
      this.keys.learn(node, verified.data);
    }
  }

  private learnHeartbeat(record: LogRecord): void {
    const lookup = this.peers.lookup('node');
    const verified = verifyServiceRecord(record, { typ: 'heartbeat', schema: heartbeatSchema, lookup });
    if (verified.ok && verified.data.node === verified.kid) this.reports.learn(verified.data);
  }
}
