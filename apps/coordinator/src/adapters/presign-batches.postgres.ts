import { type StoreTransaction } from '@quorate/event-store';
import { Conflict } from '@quorate/platform';
import {
  committeeName,
  type PresignatureUse,
  type PresignBatch,
  type PresignBatches,
  type PresignMaterial,
} from '../ports/presign-batches.port';

interface BatchRow {
  session_id: string;
  status: string;
  key_id: string;
  epoch: number;
  committee: string[];
  boot_ids: Record<string, string>;
  material: PresignMaterial;
  h2: string;
  nonce_points: string[];
  next_index: number;
}

/** A coordinator that does not renew for this long has lost its batches to the others. */
const LEASE = `interval '30 seconds'`;

const HIGHEST_EPOCH = 2 ** 31 - 1;

export class PostgresPresignBatches implements PresignBatches {
  async add(tx: StoreTransaction, batch: PresignBatch): Promise<void> {
    // Locked so that a switch to another epoch comes entirely before or after it.
    await tx.query(
      `INSERT INTO presign_batch (session_id, status, key_id, epoch, committee, boot_ids, material, h2, nonce_points, next_index)
       SELECT $1::text, CASE WHEN $3 = epoch THEN 'stocked' WHEN $3 > epoch THEN 'early' ELSE 'discarded' END,
              $2::text, $3::int, $4::text[], $5::jsonb, $6::text, $7::text, $8::text[], $9::int
       FROM (SELECT (facts->>'epoch')::int AS epoch FROM usable_key WHERE key_id = $2 FOR SHARE) AS usable`,
      [
        batch.sessionId,
        batch.keyId,
        batch.epoch,
        batch.committee,
        JSON.stringify(batch.bootIds),
        batch.material,
        batch.h2,
        batch.noncePoints,
        batch.nextIndex,
      ],
    );
  }

  async lease(
    tx: StoreTransaction,
    keyId: string,
    owner: string,
    perCommittee: number,
  ): Promise<PresignBatch[]> {
    const rows = await tx.query<BatchRow>(
      `WITH ranked AS (
         SELECT session_id, owner, lease_until,
                row_number() OVER (PARTITION BY committee ORDER BY (owner IS NOT DISTINCT FROM $2) DESC, stocked_at) AS rank
         FROM presign_batch
         WHERE key_id = $1 AND status = 'stocked' AND (owner IS NULL OR owner = $2 OR lease_until < now())
       ), chosen AS (
         SELECT session_id FROM ranked WHERE rank <= $3 AND (owner IS DISTINCT FROM $2 OR lease_until < now())
       )
       UPDATE presign_batch b
       SET owner = $2, lease_until = now() + ${LEASE},
           next_index = GREATEST(b.next_index, COALESCE(
             (SELECT max(position) + 1 FROM presignature_use u WHERE u.session_id = b.session_id), 0))
       FROM chosen
       WHERE b.session_id = chosen.session_id AND b.status = 'stocked' AND (b.owner IS NULL OR b.lease_until < now())
       RETURNING b.*`,
      [keyId, owner, perCommittee],
    );
    return rows.map(batchOf);
  }

  async renew(
    tx: StoreTransaction,
    owner: string,
    progress: ReadonlyMap<string, number>,
  ): Promise<Set<string>> {
    if (progress.size === 0) return new Set();
    const rows = await tx.query<{ session_id: string }>(
      `UPDATE presign_batch b
       SET lease_until = now() + ${LEASE}, next_index = GREATEST(b.next_index, p.next_index),
           status = CASE WHEN p.next_index >= cardinality(b.nonce_points) THEN 'exhausted' ELSE b.status END
       FROM unnest($2::text[], $3::int[]) AS p (session_id, next_index)
       WHERE b.session_id = p.session_id AND b.owner = $1 AND b.status = 'stocked'
       RETURNING b.session_id`,
      [owner, [...progress.keys()], [...progress.values()]],
    );
    return new Set(rows.map((row) => row.session_id));
  }

  async release(tx: StoreTransaction, ownerPrefix: string): Promise<void> {
    await tx.query(
      `UPDATE presign_batch SET owner = NULL, lease_until = NULL
       WHERE status = 'stocked' AND starts_with(owner, $1)`,
      [ownerPrefix],
    );
  }

  use(tx: StoreTransaction, uses: readonly PresignatureUse[]): void {
    if (uses.length === 0) return;
    tx.write(
      `INSERT INTO presignature_use (presignature_id, session_id, position, stream_id, attempt)
       SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::int[])`,
      [
        uses.map((use) => use.presignatureId),
        uses.map((use) => use.sessionId),
        uses.map((use) => use.index),
        uses.map((use) => use.streamId),
        uses.map((use) => use.attempt),
      ],
      (error) =>
        error.code === 'unique'
          ? new Conflict('version', 'another coordinator gave out the same presignature')
          : error,
    );
  }

  async find(
    tx: StoreTransaction,
    sessionIds: readonly string[],
  ): Promise<(PresignBatch & { status: string })[]> {
    if (sessionIds.length === 0) return [];
    const rows = await tx.query<BatchRow>('SELECT * FROM presign_batch WHERE session_id = ANY($1)', [
      sessionIds,
    ]);
    return rows.map((row) => ({ ...batchOf(row), status: row.status }));
  }

  async stockedOf(tx: StoreTransaction, node: string): Promise<PresignBatch[]> {
    const rows = await tx.query<BatchRow>(
      `SELECT * FROM presign_batch WHERE status IN ('stocked', 'early') AND $1 = ANY(committee)`,
      [node],
    );
    return rows.map(batchOf);
  }

  async discard(tx: StoreTransaction, sessionIds: readonly string[]): Promise<PresignBatch[]> {
    if (sessionIds.length === 0) return [];
    const rows = await tx.query<BatchRow>(
      `UPDATE presign_batch SET status = 'discarded', owner = NULL, lease_until = NULL
       WHERE session_id = ANY($1) AND status IN ('stocked', 'early') RETURNING *`,
      [sessionIds],
    );
    return rows.map(batchOf);
  }

  async switchEpoch(tx: StoreTransaction, keyId: string, epoch: number): Promise<PresignBatch[]> {
    await tx.query(
      `UPDATE presign_batch SET status = 'stocked' WHERE key_id = $1 AND epoch = $2 AND status = 'early'`,
      [keyId, epoch],
    );
    return this.discardEpochs(tx, keyId, epoch - 1);
  }

  discardKey(tx: StoreTransaction, keyId: string): Promise<PresignBatch[]> {
    return this.discardEpochs(tx, keyId, HIGHEST_EPOCH);
  }

  async forgetEnded(tx: StoreTransaction, before: Date): Promise<void> {
    await tx.query(`DELETE FROM presign_batch WHERE status NOT IN ('stocked', 'early') AND stocked_at < $1`, [
      before,
    ]);
  }

  async unusable(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    deadPairs: readonly (readonly [string, string])[],
  ): Promise<string[]> {
    const rows = await tx.query<{ session_id: string }>(
      `SELECT session_id FROM presign_batch WHERE key_id = $1 AND status = 'stocked' AND (epoch < $2 OR EXISTS (
         SELECT FROM unnest($3::text[], $4::text[]) AS pair (first, second)
         WHERE committee @> ARRAY[pair.first, pair.second]))`,
      [keyId, epoch, deadPairs.map(([first]) => first), deadPairs.map(([, second]) => second)],
    );
    return rows.map((row) => row.session_id);
  }

  private async discardEpochs(tx: StoreTransaction, keyId: string, last: number): Promise<PresignBatch[]> {
    const rows = await tx.query<BatchRow>(
      `UPDATE presign_batch SET status = 'discarded', owner = NULL, lease_until = NULL
       WHERE key_id = $1 AND epoch <= $2 AND status IN ('stocked', 'early') RETURNING *`,
      [keyId, last],
    );
    return rows.map(batchOf);
  }

  async stockedBefore(tx: StoreTransaction, time: Date): Promise<string[]> {
    const rows = await tx.query<{ session_id: string }>(
      `SELECT session_id FROM presign_batch WHERE status IN ('stocked', 'early') AND stocked_at < $1`,
      [time],
    );
    return rows.map((row) => row.session_id);
  }

  async skip(tx: StoreTransaction, sessionId: string, nextIndex: number): Promise<void> {
    await tx.query('UPDATE presign_batch SET next_index = GREATEST(next_index, $2) WHERE session_id = $1', [
      sessionId,
      nextIndex,
    ]);
  }

  async remaining(
    tx: StoreTransaction,
    keyId: string,
    except: readonly string[] = [],
  ): Promise<Map<string, number>> {
    const rows = await tx.query<{ committee: string[]; remaining: number }>(
      `SELECT committee, sum(cardinality(nonce_points) - next_index)::int AS remaining
       FROM presign_batch WHERE key_id = $1 AND status = 'stocked' AND session_id <> ALL($2) GROUP BY committee`,
      [keyId, except],
    );
    return new Map(rows.map((row) => [committeeName(row.committee), row.remaining]));
  }
}

function batchOf(row: BatchRow): PresignBatch {
  return {
    sessionId: row.session_id,
    keyId: row.key_id,
    epoch: row.epoch,
    committee: row.committee,
    bootIds: row.boot_ids,
    material: row.material,
    h2: row.h2,
    noncePoints: row.nonce_points,
    nextIndex: row.next_index,
  };
}
