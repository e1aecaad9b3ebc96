/** Intents that are not settled, for the endpoints that want to hear of them again and again. */
import { type StoreTransaction } from '@quorate/event-store';

/** An intent that was not settled within an endpoint's interval, as its row says. */
export interface PendingIntent {
  streamId: string;
  intentHash: string;
  since: Date;
  /** Null when there is no such intent. */
  requester: string | null;
  intentId: string;
  status: string;
  chainId: string;
  from: string | null;
  nonce: string | null;
  hash: string | null;
  blockNumber: string | null;
  blockHash: string | null;
  /** A notice of it has not been delivered yet. */
  isAnnounced: boolean;
}

/** Which intent an endpoint hears of. Other bytes under its identity have another hash. */
export interface WatchedIntent {
  endpoint: string;
  streamId: string;
  intentHash: string;
}

/** From now on, or still, the endpoint hears of the intent. Locks the row until the commit. */
export function watchPending(
  tx: StoreTransaction,
  { endpoint, streamId, intentHash }: WatchedIntent,
  everyMs: number,
): void {
  tx.write(
    `INSERT INTO webhook_pending (endpoint, stream_id, intent_hash, since, next_notice_at)
     VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + $4 * interval '1 millisecond')
     ON CONFLICT (stream_id, endpoint) DO UPDATE SET intent_hash = excluded.intent_hash`,
    [endpoint, streamId, intentHash, everyMs],
  );
}

/** The intent is settled. Waits for a notice that is just being written. */
export function unwatchPending(
  tx: StoreTransaction,
  { endpoint, streamId, intentHash }: WatchedIntent,
): void {
  tx.write('DELETE FROM webhook_pending WHERE stream_id = $1 AND endpoint = $2 AND intent_hash = $3', [
    streamId,
    endpoint,
    intentHash,
  ]);
}

/** Takes up to `limit` intents of which the endpoint has to hear now, and sets the time of the next notice. */
export function takePending(
  tx: StoreTransaction,
  endpoint: string,
  everyMs: number,
  limit: number,
): Promise<PendingIntent[]> {
  return tx.query<PendingIntent>(
    `WITH ripe AS (
       SELECT stream_id FROM webhook_pending WHERE endpoint = $1 AND next_notice_at <= now()
       ORDER BY next_notice_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ), taken AS (
       UPDATE webhook_pending SET next_notice_at = clock_timestamp() + $2 * interval '1 millisecond'
       FROM ripe WHERE webhook_pending.endpoint = $1 AND webhook_pending.stream_id = ripe.stream_id
       RETURNING webhook_pending.stream_id, webhook_pending.intent_hash, webhook_pending.since
     )
     SELECT taken.stream_id AS "streamId", taken.intent_hash AS "intentHash", taken.since, intent.requester,
       intent.intent_id AS "intentId", intent.status, intent.chain_id AS "chainId", intent.address AS "from",
       intent.nonce, intent.hash, intent.block_number AS "blockNumber", intent.block_hash AS "blockHash",
       EXISTS (
         SELECT FROM webhook_delivery WHERE endpoint = $1 AND stream_id = taken.stream_id AND state = 'waiting'
           AND type = 'quorate.tx.pending.v1') AS "isAnnounced"
     FROM taken LEFT JOIN intent ON intent.stream_id = taken.stream_id AND intent.intent_hash = taken.intent_hash`,
    [endpoint, everyMs, limit],
  );
}

/** Forgets what only endpoints that do not want it any more were to hear. */
export async function forgetUnwatched(tx: StoreTransaction, watching: string[]): Promise<void> {
  await tx.query('DELETE FROM webhook_pending WHERE endpoint <> ALL($1::text[])', [watching]);
}
