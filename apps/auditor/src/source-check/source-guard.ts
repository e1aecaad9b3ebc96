import { type StoreTransaction } from '@quorate/event-store';
import { type MessageLog, type TopicState } from '@quorate/messaging';
import { asQuorateError, Unavailable } from '@quorate/platform';
import { type LogSources } from '../ports/log-sources.port';
import { assertNotPassed, assertNotShorter, topicMadeAnew } from './source-check';

export interface SourceGuardOptions {
  readonly topic: string;
  readonly messages: Pick<MessageLog, 'topicState' | 'logStarts' | 'highWatermarks'>;
  readonly sources: LogSources;
  /** The id of a topic that an operator put in the place of the log's own. */
  readonly restoredTopicId?: string | undefined;
}

/**
 * Sees to it that nothing is appended but what the log's own topic holds. A topic that is deleted and made anew under its
 * name has another id; a change of leader, after which records may be missing, has another epoch.
 */
export class SourceGuard {
  /** Ids of the topics that each log was made from. */
  private readonly known = new Map<number, Set<string>>();
  /** The epoch in which reading of each partition began. */
  private readonly epochs = new Map<number, number | undefined>();

  /** Logs whose partition ended before them at the last look. */
  private readonly short = new Set<number>();

  constructor(private readonly options: SourceGuardOptions) {}

  /** Call where reading begins, before the last entry is read again. @throws Fatal `source-changed` */
  async begin(log: number): Promise<void> {
    this.known.set(log, new Set(await this.options.sources.topicsOf(log)));
    const state = await this.state();
    if (state !== undefined) this.assertKnown(log, state.id);
    this.epochs.set(log, state?.leaderEpochs.get(log));
  }

  /**
   * Call in the transaction that appends what was fetched before.
   *
   * @throws Fatal `source-changed`; Unavailable `inbox-fenced` when the last entry must be compared with the topic again
   */
  async confirm(tx: StoreTransaction, log: number): Promise<void> {
    const state = await this.state();
    if (state === undefined) return;
    this.assertKnown(log, state.id);
    if (state.leaderEpochs.get(log) !== this.epochs.get(log)) {
      const message = `${this.options.topic}, partition ${log}, has another leader: the last entry is compared again`;
      throw new Unavailable('inbox-fenced', message);
    }
    if (this.known.get(log)?.has(state.id) === true) return;
    this.options.sources.note(tx, log, state.id);
    tx.afterCommit(() => this.known.get(log)?.add(state.id));
  }

  /**
   * Whether the topic still is what the logs were made from, also while nothing is read from it.
   *
   * @param positions the next index of each log
   * @throws Fatal `source-changed`; Unavailable while Kafka or the topic is away
   */
  async look(positions: ReadonlyMap<number, bigint>): Promise<void> {
    // Ends only grow: those that are asked for later are above positions of before.
    const before = [...positions];
    const { topic, messages } = this.options;
    const state = await this.state();
    const [starts, ends] = [await messages.logStarts(topic), await messages.highWatermarks(topic)];
    for (const [log, next] of before) {
      if (state !== undefined && this.known.has(log)) this.assertKnown(log, state.id);
      assertNotPassed(topic, log, next, starts.get(log));
      this.assertNotShorter(log, next, ends.get(log));
    }
  }

  /** A new leader may take a moment to learn how far others have copied: what is short is looked at twice. */
  private assertNotShorter(log: number, next: bigint, end: bigint | undefined): void {
    try {
      assertNotShorter(this.options.topic, log, next, end);
      this.short.delete(log);
    } catch (error) {
      if (this.short.has(log)) throw error;
      this.short.add(log);
    }
  }

  private assertKnown(log: number, topicId: string): void {
    const { topic, restoredTopicId } = this.options;
    const known = this.known.get(log) ?? new Set();
    if (known.size === 0 || known.has(topicId) || topicId === restoredTopicId) return;
    throw topicMadeAnew(topic, log, topicId);
  }

  /** Undefined where topics have no ids: a Kafka before 2.8. */
  private async state(): Promise<TopicState | undefined> {
    try {
      return await this.options.messages.topicState(this.options.topic);
    } catch (error) {
      if (asQuorateError(error).code === 'kafka-version') return undefined;
      throw error;
    }
  }
}
