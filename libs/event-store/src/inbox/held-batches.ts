import { type Batch } from '@quorate/messaging';

/** Batches of one topic that were received but not committed, at most one of each partition. */
export class HeldBatches {
  private held = new Map<number, Batch>();

  get partitions(): number[] {
    return [...this.held.keys()];
  }

  /** What is held and `batches`, merged per partition. Changes nothing. */
  with(batches: readonly Batch[]): Batch[] {
    const merged = new Map(this.held);
    for (const batch of batches) merged.set(batch.partition, join(merged.get(batch.partition), batch));
    return [...merged.values()];
  }

  hold(batches: readonly Batch[]): void {
    this.held = new Map(this.with(batches).map((batch) => [batch.partition, batch]));
  }

  drop(partitions: readonly number[]): void {
    for (const partition of partitions) this.held.delete(partition);
  }

  /** The inbox turns out to stand at `position`: only what follows it stays held. */
  startAt(partition: number, position: bigint): void {
    const batch = this.held.get(partition);
    if (batch === undefined || position === batch.firstOffset) return;
    if (position < batch.firstOffset || position >= batch.nextOffset) return this.drop([partition]);
    const records = batch.records.filter(({ offset }) => offset >= position);
    this.held.set(partition, { ...batch, firstOffset: position, records });
  }
}

/** Both as one batch; `later` alone when it does not follow, because reading was sent back to the inbox position. */
function join(earlier: Batch | undefined, later: Batch): Batch {
  if (earlier?.nextOffset !== later.firstOffset) return later;
  return { ...later, firstOffset: earlier.firstOffset, records: [...earlier.records, ...later.records] };
}
