import { type LogRecord, type MessageLog, type RunningSubscription } from '@quorate/messaging';

export interface OutcomeReaderOptions {
  readonly log: MessageLog;
  readonly topic: string;
  readonly group: string;
  readonly read: (record: LogRecord) => void;
}

/**
 * Reads a topic from where it ends now. The position is asked before subscribing, so that nothing that comes after
 * `readFromEnd` resolves is missed, and reading goes on where it stood after the group was rebalanced.
 */
export async function readFromEnd({
  log,
  topic,
  group,
  read,
}: OutcomeReaderOptions): Promise<RunningSubscription> {
  const positions = await log.highWatermarks(topic);
  const subscription = await log.subscribe({
    topic,
    group,
    start: async (partition) => positions.get(partition) ?? 'earliest',
    handle: async (batches) => {
      for (const { partition, records, nextOffset } of batches) {
        for (const record of records) read(record);
        positions.set(partition, nextOffset);
      }
    },
  });
  await subscription.assigned;
  return subscription;
}
