import { type LogRecord, type MessageLog, recordsOf, type RunningSubscription } from '@quorate/messaging';
import { type Logger, QuorateError } from '@quorate/platform';
import { type TopicNames } from '@quorate/protocol';
import { type DurableHalts } from './durable-halts';
import { changeOfRecord, type HaltAuthorities } from './halt-record';

/**
 * Halts and resumes on the state topics of coordinators and submitters: everything that was ever said, at the start and
 * from then on. Who was away, or was not reached by a push, is in the end where the others are.
 */
export class HaltReader {
  private readonly running: RunningSubscription[] = [];

  constructor(
    private readonly log: MessageLog,
    private readonly topics: TopicNames,
    private readonly authorities: HaltAuthorities,
    private readonly halts: DurableHalts,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves when all that was there at the call has been taken.
   * @param group names this process, so that a restarted one never waits for its predecessor's group
   */
  async start(group: string, writers: readonly string[]): Promise<void> {
    const subscriptions = writers.map((writer) =>
      this.log.subscribe({
        topic: this.topics.state(writer),
        group: `${group}-${writer}`,
        start: 'earliest',
        handle: async (batches) => {
          for (const record of recordsOf(batches)) await this.read(writer, record);
        },
      }),
    );
    this.running.push(...(await Promise.all(subscriptions)));
    await Promise.all(this.running.map((subscription) => subscription.caughtUp()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((subscription) => subscription.stop()));
  }

  /** What is not signed as it must be changes nothing; what cannot be stored now is read again. */
  private async read(writer: string, record: LogRecord): Promise<void> {
    try {
      const read = changeOfRecord(record, writer, this.authorities, new Date());
      if (read === undefined) return;
      if ('refused' in read) this.logger.warn({ writer, reason: read.refused }, 'state record ignored');
      else await this.halts.take(read.change, { evidence: read.evidence });
    } catch (error) {
      const isForged =
        error instanceof QuorateError && (error.kind === 'refused' || error.kind === 'invalid');
      if (!isForged) throw error;
      this.logger.warn({ writer, reason: error.message }, 'a resume is refused');
    }
  }
}
