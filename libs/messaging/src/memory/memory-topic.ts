import { type LogRecord, type OutgoingRecord } from '../message-log.port';

/** Partitions of records, and how far each group has read. */
export class MemoryTopic {
  readonly partitions: LogRecord[][];
  private readonly committed = new Map<string, bigint>();
  private roundRobin = 0;

  constructor(
    readonly name: string,
    partitions: number,
  ) {
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  append({ key, value, headers, partition = this.partitionOf(key) }: OutgoingRecord): void {
    const log = this.partitions[partition] ?? [];
    log.push({
      topic: this.name,
      partition,
      offset: BigInt(log.length),
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, content]) => [name, Buffer.from(content)]),
      ),
      timestamp: Date.now(),
    });
  }

  highWatermark(partition: number): bigint {
    return BigInt(this.partitions[partition]?.length ?? 0);
  }

  highWatermarks(): Map<number, bigint> {
    return new Map(this.partitions.map((log, partition) => [partition, BigInt(log.length)]));
  }

  recordsFrom(partition: number, offset: bigint, limit: number): LogRecord[] {
    return (this.partitions[partition] ?? []).slice(Number(offset), Number(offset) + limit);
  }

  commit(group: string, partition: number, offset: bigint): void {
    this.committed.set(`${group}/${partition}`, offset);
  }

  committedOffset(group: string, partition: number): bigint | undefined {
    return this.committed.get(`${group}/${partition}`);
  }

  private partitionOf(key: string | Buffer | null): number {
    if (key === null) return this.roundRobin++ % this.partitions.length;
    let hash = 0;
    for (const byte of Buffer.from(key)) hash = (hash * 31 + byte) >>> 0;
    return hash % this.partitions.length;
  }
}
