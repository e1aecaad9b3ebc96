import { randomUUID } from 'node:crypto';
import { kafkaMessageLog, type LogRecord, type MessageLog } from '@quorate/messaging';
import { type KafkaAccess } from '../../../deploy/embedded/parts/kafka-security';

/** A record as it lies on its topic, with the JSON of its value (empty for what is none). */
export interface TappedRecord extends LogRecord {
  readonly json: Readonly<Record<string, unknown>>;
}

export type RecordListener = (record: TappedRecord) => void;

/** Reads topics past all faulty links, from their beginning, each record once; what the oracle and the attacker see. */
export class RecordTap {
  private readonly listeners = new Set<RecordListener>();
  private readonly stopping: (() => Promise<void>)[] = [];

  private constructor(readonly log: MessageLog) {}

  /** @param kafka a connection that may read these topics, past all links */
  static async open(kafka: KafkaAccess, topics: readonly string[]): Promise<RecordTap> {
    const tap = new RecordTap(kafkaMessageLog({ ...kafka, clientId: 'chaos-tap' }));
    await Promise.all(topics.map((topic) => tap.read(topic)));
    return tap;
  }

  /** Calls the listener for every record from now on; returns how to end that. */
  listen(listener: RecordListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all(this.stopping.map((stop) => stop()));
    await this.log.close();
  }

  private async read(topic: string): Promise<void> {
    const positions = new Map<number, bigint>();
    const subscription = await this.log.subscribe({
      topic,
      group: `chaos-tap-${randomUUID()}`,
      start: async (partition) => positions.get(partition) ?? 'earliest',
      handle: async (batches) => {
        for (const { partition, records, nextOffset } of batches) {
          for (const record of records) this.tell({ ...record, json: jsonOf(record.value) });
          positions.set(partition, nextOffset);
        }
      },
    });
    await subscription.assigned;
    this.stopping.push(() => subscription.stop());
  }

  private tell(record: TappedRecord): void {
    for (const listener of [...this.listeners]) listener(record);
  }
}

function jsonOf(value: Buffer | null): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(String(value));
    return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : {};
  } catch {
    return {};
  }
}
