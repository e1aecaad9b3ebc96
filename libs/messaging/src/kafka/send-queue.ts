import { type OutgoingRecord } from '../message-log.port';

/**
 * Bytes of one produce request: kafkajs makes one record batch per partition of it, and the broker's limit
 * (1 MiB on most topics) is on the batch. A larger record travels alone.
 */
const REQUEST_BYTES = 512 * 1024;

interface Call {
  remaining: OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/** One request at a time; everything that waits travels in the next, in the order of the calls. */
export class SendQueue {
  private readonly calls: Call[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly sendOnce: (records: OutgoingRecord[]) => Promise<void>) {}

  send(records: OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.calls.push({ remaining: [...records], resolve, reject });
      this.running ??= this.run();
    });
  }

  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.calls.length > 0) {
      const { records, calls } = this.takeRequest();
      try {
        await this.sendOnce(records);
        for (const call of calls) if (call.remaining.length === 0) this.settle(call, () => call.resolve());
      } catch (error) {
        for (const call of calls) this.settle(call, () => call.reject(error));
      }
    }
    this.running = undefined;
  }

  private settle(call: Call, report: () => void): void {
    const index = this.calls.indexOf(call);
    if (index >= 0) this.calls.splice(index, 1);
    report();
  }

  private takeRequest(): { records: OutgoingRecord[]; calls: Call[] } {
    const records: OutgoingRecord[] = [];
    const calls: Call[] = [];
    let bytes = 0;
    for (const call of this.calls) {
      let taken = 0;
      for (const record of call.remaining) {
        const size = recordBytes(record);
        if (records.length > 0 && bytes + size > REQUEST_BYTES) break;
        records.push(record);
        bytes += size;
        taken += 1;
      }
      if (taken > 0) calls.push(call);
      const complete = taken === call.remaining.length;
      call.remaining.splice(0, taken);
      if (!complete) break;
    }
    return { records, calls };
  }
}

/** Approximate size on the wire. */
export function recordBytes(record: OutgoingRecord): number {
  let bytes = 64 + (record.value?.length ?? 0) + (record.key?.length ?? 0);
  for (const [name, value] of Object.entries(record.headers)) bytes += name.length + value.length + 8;
  return bytes;
}
