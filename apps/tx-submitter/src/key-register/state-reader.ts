/** Reads what every node publishes about its keys on mpc.state.NODE. */
import { randomUUID } from 'node:crypto';

import { type LogRecord, type MessageLog, recordsOf, type RunningSubscription } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { stateSchema, type TopicNames, verifyServiceRecord } from '@quorate/protocol';

import { type PublishedKeys } from './published-keys';

export class StateReader {
  private readonly running: RunningSubscription[] = [];

  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly owner: string,
    private readonly peers: PeerDirectory,
    private readonly keys: PublishedKeys,
    private readonly logger: Logger,
  ) {}

  /** Resolves when everything that was published before the call is known. */
  async start(): Promise<void> {
    // A group of its own for each start: a restarted reader never waits for its predecessor's membership.
    const reader = `${this.owner}/${randomUUID()}`;
    const nodes = this.peers.withRole('node').map((peer) => peer.kid);
    this.running.push(...(await Promise.all(nodes.map((node) => this.read(node, reader)))));
    await Promise.all(this.running.map((subscription) => subscription.caughtUp()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((subscription) => subscription.stop()));
  }

  private read(node: string, reader: string): Promise<RunningSubscription> {
    const topic = this.topics.state(node);
    return this.log.subscribe({
      topic,
      group: `${reader}-${topic}`,
      start: 'earliest',
      handle: async (batches) => {
        for (const record of recordsOf(batches)) if (record.value !== null) this.learn(node, record);
      },
    });
  }

  private learn(node: string, record: LogRecord): void {
    const lookup = this.peers.lookup('node');
    const verified = verifyServiceRecord(record, { typ: 'state', schema: stateSchema, lookup });
    if (!verified.ok || verified.kid !== node) {
      const reason = verified.ok ? `it is signed by ${verified.kid}` : verified.reason;
      this.logger.warn({ node, reason }, 'state record ignored');
    } else if (verified.data.type === 'quorate.state.key.v1') {
      this.keys.learn(node, verified.data);
    }
  }
}
