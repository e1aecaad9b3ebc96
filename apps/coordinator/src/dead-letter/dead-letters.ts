import { type NewEvent, type StoreTransaction } from '@quorate/event-store';
import { type LogRecord } from '@quorate/messaging';
import { deadLetterRecord, streams } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';

const MINUTE_MS = 60_000;
/** Beyond this many a minute and reason, one summary event stands for the rest (interfaces.md). */
const EVENTS_PER_MINUTE = 10;

interface DeadLetterEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly code: string;
  readonly reason: string;
  /** How many records a summary stands for. */
  readonly count?: number;
}

interface Tally {
  minute: number;
  count: number;
  last: { topic: string; partition: number; offset: string; reason: string };
}

/** Sends what cannot be answered to the topic dead-letters, with an event that names it. */
export class DeadLetters {
  private readonly tallies = new Map<string, Tally>();

  /** @param topic dead-letters with the prefix of this deployment */
  constructor(
    private readonly topic: string,
    private readonly service: string,
    private readonly clock: Clock,
  ) {}

  add(tx: StoreTransaction, record: LogRecord, { code, reason }: { code: string; reason: string }): void {
    const { topic, partition } = record;
    const offset = String(record.offset);
    tx.publish(deadLetterRecord(record, record, code, reason, this.topic));
    const minute = Math.floor(this.clock.now().getTime() / MINUTE_MS);
    const tally = this.tallies.get(code);
    const last = { topic, partition, offset, reason };
    if (tally === undefined || tally.minute !== minute) {
      if (tally !== undefined) this.summarise(tx, code, tally);
      this.tallies.set(code, { minute, count: 1, last });
    } else {
      tally.count += 1;
      tally.last = last;
      if (tally.count > EVENTS_PER_MINUTE) return;
    }
    this.append(tx, { topic, partition, offset, code, reason });
  }

  /** Writes the summaries of minutes that are over. */
  flush(tx: StoreTransaction): void {
    const minute = Math.floor(this.clock.now().getTime() / MINUTE_MS);
    for (const [code, tally] of this.tallies) {
      if (tally.minute === minute) continue;
      this.summarise(tx, code, tally);
      this.tallies.delete(code);
    }
  }

  hasSummaries(): boolean {
    return [...this.tallies.values()].some((tally) => tally.count > EVENTS_PER_MINUTE);
  }

  private summarise(tx: StoreTransaction, code: string, { count, last }: Tally): void {
    if (count > EVENTS_PER_MINUTE) this.append(tx, { ...last, code, count: count - EVENTS_PER_MINUTE });
  }

  private append(tx: StoreTransaction, data: DeadLetterEvent): void {
    const origin = `${data.topic}/${data.partition}/${data.offset}`;
    const event: NewEvent = {
      type: 'quorate.record.dead-lettered.v1',
      data,
      correlationId: origin,
      causationId: origin,
      occurredAt: this.clock.now(),
    };
    tx.appendNext(streams.deadLetters(this.service, data.partition), [event]);
  }
}
