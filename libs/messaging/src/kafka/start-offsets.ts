import { Fatal } from '@quorate/platform';
import { type Admin } from 'kafkajs';
import { type Subscription } from '../message-log.port';
import { type StructuredLogger } from '../structured-logger';
import { committedOffsets, partitionBounds } from './topic-admin';

/** Start offset of each partition: the subscription's own position, or the group's, or the end asked for. */
export async function startOffsets(
  admin: Admin,
  { topic, group, start }: Subscription,
  partitions: number[],
  logger: StructuredLogger,
): Promise<Map<number, bigint>> {
  if (partitions.length === 0) return new Map();
  const bounds = await partitionBounds(admin, topic);
  const committed =
    typeof start === 'function' ? new Map<number, bigint>() : await committedOffsets(admin, group, topic);
  const starts = new Map<number, bigint>();
  for (const partition of partitions) {
    const { low, high } = bounds.get(partition) ?? { low: 0n, high: 0n };
    const own = typeof start === 'function' ? await start(partition) : (committed.get(partition) ?? start);
    if (typeof own === 'bigint' && own > high) {
      throw new Fatal(
        'position-beyond-log',
        `${group} stands at offset ${own} of ${topic}-${partition}, which ends at ${high}: the topic lost records ` +
          'or was created anew. Restore it, or start with a fresh database.',
      );
    }
    if (typeof own === 'bigint' && own < low) {
      logger.error(
        { topic, partition, position: String(own), low: String(low) },
        'Records were removed by retention before they were read',
      );
    }
    starts.set(partition, own === 'earliest' ? low : own === 'latest' ? high : own);
  }
  return starts;
}
