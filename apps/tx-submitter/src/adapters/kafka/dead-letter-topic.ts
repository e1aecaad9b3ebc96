import { type StoreTransaction } from '@quorate/event-store';
import { type LogRecord } from '@quorate/messaging';
import { deadLetterRecord, streams } from '@quorate/protocol';

import { type DeadLetters } from '../../ports/dead-letters.port';

const minuteMs = 60_000;
/** Beyond this many a minute and reason, one summary event stands for the rest (interfaces.md). */
const eventsPerMinute = 10;

interface Origin {
  topic: string;
  partition: number;
  offset: string;
  code: string;
  reason: string;
}

/** The topic dead-letters, with an event that names each record. */
export class DeadLetterTopic implements DeadLetters {
  private readonly tallies = new Map<string, { minute: number; count: number; last: Origin }>();

  constructor(
    private readonly topic: string,
    private readonly service: string,
    private readonly now: () => number,
  ) {}

  add(tx: StoreTransaction, record: LogRecord, code: string, reason: string): void {
    tx.publish(deadLetterRecord(record, record, code, reason, this.topic));
    const { topic, partition, offset } = record;
    const origin = { topic, partition, offset: String(offset), code, reason };
    const minute = Math.floor(this.now() / minuteMs);
    const tally = this.tallies.get(code);
    if (tally?.minute !== minute) {
      this.summarise(tx, code);
      this.tallies.set(code, { minute, count: 1, last: origin });
      this.append(tx, origin);
      return;
    }
    tally.count += 1;
    tally.last = origin;
    if (tally.count <= eventsPerMinute) this.append(tx, origin);
  }

  /** Writes the summaries of minutes that are over. */
  flush(tx: StoreTransaction): void {
    const minute = Math.floor(this.now() / minuteMs);
    for (const [code, tally] of [...this.tallies]) if (tally.minute !== minute) this.summarise(tx, code);
  }

  /** Whether a minute with too many records for single events waits for its summary. */
  hasSummaries(): boolean {
    return [...this.tallies.values()].some(({ count }) => count > eventsPerMinute);
  }

  private summarise(tx: StoreTransaction, code: string): void {
    const tally = this.tallies.get(code);
    this.tallies.delete(code);
    if (tally === undefined || tally.count <= eventsPerMinute) return;
    this.append(tx, { ...tally.last, count: tally.count - eventsPerMinute });
  }

  private append(tx: StoreTransaction, data: Origin & { count?: number }): void {
    const origin = `${data.topic}/${data.partition}/${data.offset}`;
    tx.appendNext(streams.deadLetters(this.service, data.partition), [
      { type: 'quorate.record.dead-lettered.v1', data, correlationId: origin, causationId: origin },
    ]);
  }
}
