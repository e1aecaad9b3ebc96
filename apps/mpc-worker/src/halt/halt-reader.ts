import { type LogRecord, type MessageLog, recordsOf, type RunningSubscription } from '@quorate/messaging';
import { type Logger, type PeerDirectory, Refused } from '@quorate/platform';
import { changeOfRecord, type TopicNames } from '@quorate/protocol';
import { type NodeHalts } from './node-halts';
import { type OperatorHalts } from './operator-halts';

/**
 * Halts and resumes on the state topics of coordinators and submitters: everything that was ever said, at the start and
 * from then on. A node that was away, or that no push reached, is in the end where the others are.
 */
export class HaltReader {
  private readonly running: RunningSubscription[] = [];

  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly peers: PeerDirectory,
    private readonly halts: NodeHalts,
    private readonly operators: OperatorHalts,
    private readonly logger: Logger,
  ) {}

  /** Resolves when all that was there at the call has been taken. */
  async start(group: string): Promise<void> {
    const writers = [...this.peers.withRole('coordinator'), ...this.peers.withRole('submitter')];
    this.running.push(
      ...(await Promise.all(
        writers.map(({ kid }) =>
          this.log.subscribe({
            topic: this.topics.state(kid),
            group: `${group}-${kid}`,
            start: 'earliest',
            handle: async (batches) => {
              for (const record of recordsOf(batches)) await this.read(kid, record);
            },
          }),
        ),
      )),
    );
    await Promise.all(this.running.map((subscription) => subscription.caughtUp()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((subscription) => subscription.stop()));
  }

  /** What is not signed as it must be changes nothing; what cannot be stored now is read again. */
  private async read(writer: string, record: LogRecord): Promise<void> {
    try {
      const lookup = this.peers.lookup('coordinator', 'submitter');
      const readResume = (command: Buffer, signatures: readonly string[]) =>
        this.operators.readResume({ command, signatures });
      const change = changeOfRecord(record, writer, { lookup, readResume }, new Date());
      if (change === undefined) return;
      if ('refused' in change) this.logger.warn({ writer, reason: change.refused }, 'state record ignored');
      else await this.halts.take(change);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.logger.warn({ writer, reason: error.message }, 'a resume is refused');
    }
  }
}
