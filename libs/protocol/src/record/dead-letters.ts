import { type Metrics } from '@quorate/platform';
import { streams } from '../events';
import { type DeadLetterRecord, deadLetterRecord } from './dead-letter';
import { type RawRecord } from './record-types';

const MINUTE_MS = 60_000;
/** Beyond this many a minute and reason, one summary event stands for the rest (interfaces.md). */
const EVENTS_PER_MINUTE = 10;

interface DeadLettered {
  readonly topic: string;
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  readonly code: string;
  readonly reason: string;
  /** How many records a summary stands for. */
  readonly count?: number;
}

interface DeadLetterEvent {
  readonly type: string;
  readonly data: DeadLettered;
  readonly correlationId: string;
  readonly causationId: string;
  readonly occurredAt: Date;
}

/** What takes dead letters and their events with one commit: a transaction of the event store. */
export interface DeadLetterSink {
  publish(record: DeadLetterRecord): void;
  appendNext(streamId: string, events: DeadLetterEvent[]): void;
  /** Runs after the commit. */
  afterCommit(effect: () => void): void;
}

interface Tally {
  minute: number;
  count: number;
  last: DeadLettered;
}

/** Sends what cannot be answered to the topic dead-letters, with an event that names it. */
export class DeadLetters {
  private readonly tallies = new Map<string, Tally>();
  private readonly letters;

  /**
   * @param topic dead-letters with the prefix of this deployment
   * @param service who sets records aside, in the names of the event streams
   * @param now milliseconds since 1970
   */
  constructor(
    private readonly topic: string,
    private readonly service: string,
    private readonly now: () => number,
    metrics: Metrics,
  ) {
    this.letters = metrics.counter({
      name: 'dead_letters_total',
      help: 'Records that this service could not answer and sent to dead-letters, by code.',
      labelNames: ['code'],
    });
  }

  add(
    sink: DeadLetterSink,
    record: RawRecord,
    { code, reason }: { readonly code: string; readonly reason: string },
  ): void {
    const { topic, partition, offset } = record;
    sink.publish(deadLetterRecord(record, record, code, reason, this.topic));
    sink.afterCommit(() => this.letters.inc({ code }));
    const letter = { topic, partition, offset: String(offset), code, reason };
    const minute = this.minute();
    const tally = this.tallies.get(code);
    if (tally?.minute !== minute) {
      if (tally !== undefined) this.summarise(sink, tally);
      this.tallies.set(code, { minute, count: 1, last: letter });
    } else {
      tally.count += 1;
      tally.last = letter;
      if (tally.count > EVENTS_PER_MINUTE) return;
    }
    this.append(sink, letter);
  }

  /** Writes the summaries of minutes that are over. */
  flush(sink: DeadLetterSink): void {
    const minute = this.minute();
    for (const [code, tally] of this.tallies) {
      if (tally.minute === minute) continue;
      this.summarise(sink, tally);
      this.tallies.delete(code);
    }
  }

  /** Whether a minute that is over had too many records for single events. */
  hasSummaries(): boolean {
    const minute = this.minute();
    return [...this.tallies.values()].some(
      (tally) => tally.minute !== minute && tally.count > EVENTS_PER_MINUTE,
    );
  }

  private minute(): number {
    return Math.floor(this.now() / MINUTE_MS);
  }

  private summarise(sink: DeadLetterSink, { count, last }: Tally): void {
    if (count > EVENTS_PER_MINUTE) this.append(sink, { ...last, count: count - EVENTS_PER_MINUTE });
  }

  private append(sink: DeadLetterSink, data: DeadLettered): void {
    const origin = `${data.topic}/${data.partition}/${data.offset}`;
    const event = {
      type: 'quorate.record.dead-lettered.v1',
      data,
      correlationId: origin,
      causationId: origin,
      occurredAt: new Date(this.now()),
    };
    sink.appendNext(streams.deadLetters(this.service, data.partition), [event]);
  }
}
