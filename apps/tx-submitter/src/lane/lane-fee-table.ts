/** Fees of the transactions of lanes in Postgres, by its clock; in wei. */
import { type StoreTransaction } from '@quorate/event-store';

import { type LaneId } from './lane';

/** An intent has a transaction that may cost this. */
export function keepCeiling(tx: StoreTransaction, streamId: string, lane: LaneId, wei: bigint): void {
  tx.write(
    `INSERT INTO lane_fee (stream_id, chain_id, address, ceiling) VALUES ($1, $2, $3, $4)
     ON CONFLICT (stream_id) DO UPDATE SET ceiling = greatest(lane_fee.ceiling, excluded.ceiling)`,
    [streamId, lane.chainId, lane.address, String(wei)],
  );
}

/** A block took one of its transactions, at this cost; or none of them will ever cost anything. */
export function keepPaid(tx: StoreTransaction, streamId: string, wei: bigint): void {
  tx.write(
    `UPDATE lane_fee SET paid = $2, counts_until = clock_timestamp() + interval '1 hour' WHERE stream_id = $1`,
    [streamId, String(wei)],
  );
}

/** Its block left the chain. */
export function restoreCeiling(tx: StoreTransaction, streamId: string): void {
  tx.write(`UPDATE lane_fee SET paid = NULL, counts_until = 'infinity' WHERE stream_id = $1`, [streamId]);
}

/** Forgets what was mined more than an hour ago. */
export function forgetMined(tx: StoreTransaction, lane: LaneId): void {
  tx.write('DELETE FROM lane_fee WHERE chain_id = $1 AND address = $2 AND counts_until <= now()', [
    ...[lane.chainId, lane.address],
  ]);
}

/** What counts for a lane now, which is locked until the transaction ends, and of that what one intent counts. */
export async function lockFees(
  tx: StoreTransaction,
  lane: LaneId,
  streamId?: string,
): Promise<{ committed: bigint; ofIntent: bigint }> {
  await tx.query('SELECT FROM lane WHERE chain_id = $1 AND address = $2 FOR NO KEY UPDATE', [
    ...[lane.chainId, lane.address],
  ]);
  return feesOf(tx, lane, streamId);
}

/** What counts for a lane now, and of that what one intent counts. */
export async function feesOf(
  tx: StoreTransaction,
  lane: LaneId,
  streamId?: string,
): Promise<{ committed: bigint; ofIntent: bigint }> {
  const [row] = await tx.query<{ committed: string; ofIntent: string }>(
    `SELECT coalesce(sum(coalesce(paid, ceiling)), 0)::text AS committed,
       coalesce(sum(coalesce(paid, ceiling)) FILTER (WHERE stream_id = $3), 0)::text AS "ofIntent"
     FROM lane_fee WHERE chain_id = $1 AND address = $2 AND counts_until > now()`,
    [lane.chainId, lane.address, streamId ?? null],
  );
  return { committed: BigInt(row?.committed ?? 0), ofIntent: BigInt(row?.ofIntent ?? 0) };
}

/** When so much of what was mined will not count any more; undefined while that depends on what is on its way. */
export async function earliestRoom(
  tx: StoreTransaction,
  lane: LaneId,
  wei: bigint,
): Promise<{ at: Date; inMs: number } | undefined> {
  const [row] = await tx.query<{ at: Date; inMs: number }>(
    `SELECT counts_until AS at, (extract(epoch FROM counts_until - clock_timestamp()) * 1000)::float AS "inMs"
     FROM (
       SELECT counts_until, sum(paid) OVER (ORDER BY counts_until) AS freed FROM lane_fee
       WHERE chain_id = $1 AND address = $2 AND counts_until > now() AND counts_until < 'infinity') AS mined
     WHERE freed >= $3 ORDER BY counts_until LIMIT 1`,
    [lane.chainId, lane.address, String(wei)],
  );
  return row;
}
