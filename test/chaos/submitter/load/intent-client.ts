/** Sends the intents of a run at their times, as clients do: signed, and again with the same bytes while the broker is away. */
import { setTimeout as delay } from 'node:timers/promises';
import { type LogProducer, type OutgoingRecord } from '@quorate/messaging';
import { encodeClientRecord, type RecordSigner } from '@quorate/protocol';
import { type PlannedIntent } from './plan';

const TICK_MS = 20;

interface TimedRecord {
  at: number;
  record: OutgoingRecord;
}

export class IntentClient {
  private readonly waiting: TimedRecord[];

  constructor(
    intents: readonly PlannedIntent[],
    private readonly topic: string,
    private readonly signer: RecordSigner,
    private readonly producer: LogProducer,
  ) {
    const records = intents.flatMap((intent) => this.recordsOf(intent));
    this.waiting = records.sort((a, b) => a.at - b.at);
  }

  /** Resolves when everything was sent. */
  async run(): Promise<void> {
    const began = performance.now();
    while (this.waiting.length > 0) {
      const now = performance.now() - began;
      const due = this.waiting.findIndex(({ at }) => at > now);
      const batch = this.waiting.splice(0, due < 0 ? this.waiting.length : due);
      if (batch.length > 0) await this.producer.send(batch.map(({ record }) => record));
      await delay(TICK_MS);
    }
  }

  /** Sends an amendment now. */
  async cancel({ content: { intentId, requester } }: PlannedIntent): Promise<void> {
    await this.producer.send([this.encode('tx-amend', intentId, { intentId, requester, cancel: true })]);
  }

  private recordsOf({ content, sentAt, amended }: PlannedIntent): TimedRecord[] {
    const { intentId, requester } = content;
    const record = this.encode('tx-intent', intentId, content);
    const amendments = amended.map(({ at, change }) => {
      return { at, record: this.encode('tx-amend', intentId, { intentId, requester, ...change }) };
    });
    return [...sentAt.map((at) => ({ at, record })), ...amendments];
  }

  private encode(typ: 'tx-intent' | 'tx-amend', key: string, data: object): OutgoingRecord {
    const record = encodeClientRecord({ typ, data, key, time: new Date() }, this.signer);
    return { topic: this.topic, ...record };
  }
}
