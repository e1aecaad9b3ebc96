import { type StoreTransaction } from '@quorate/event-store';
import { type WaitingRequests } from '../ports/waiting-requests.port';

export class PostgresWaitingRequests implements WaitingRequests {
  add(tx: StoreTransaction, requests: readonly { streamId: string; keyId: string }[]): void {
    if (requests.length === 0) return;
    tx.write(
      `INSERT INTO waiting_request (stream_id, key_id) SELECT * FROM unnest($1::text[], $2::text[])
       ON CONFLICT DO NOTHING`,
      [requests.map((request) => request.streamId), requests.map((request) => request.keyId)],
    );
  }

  async take(tx: StoreTransaction, keyId: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ stream_id: string }>(
      `SELECT stream_id FROM waiting_request WHERE key_id = $1 ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [keyId, limit],
    );
    return rows.map((row) => row.stream_id);
  }

  remove(tx: StoreTransaction, streamIds: readonly string[]): void {
    if (streamIds.length > 0) {
      tx.write('DELETE FROM waiting_request WHERE stream_id = ANY($1)', [streamIds]);
    }
  }

  async counts(tx: StoreTransaction): Promise<Map<string, number>> {
    const rows = await tx.query<{ key_id: string; waiting: number }>(
      'SELECT key_id, count(*)::int AS waiting FROM waiting_request GROUP BY key_id',
    );
    return new Map(rows.map((row) => [row.key_id, row.waiting]));
  }
}
