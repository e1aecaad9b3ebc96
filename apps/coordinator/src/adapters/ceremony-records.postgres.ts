import { type StoreTransaction } from '@quorate/event-store';
import { type CeremonyEnded } from '@quorate/protocol';
import { type Ceremony, type CeremonyPurpose, type CeremonyStatus, type Quorum } from '../ceremony/ceremony';
import { type CeremonyRecords } from '../ports/ceremony-records.port';

interface CeremonyRow {
  session_id: string;
  purpose: CeremonyPurpose;
  status: CeremonyStatus;
  key_id: string | null;
  order_nonce: string | null;
  participants: string[];
  boot_ids: Record<string, string>;
  epoch: number;
  batch: number;
  quorum: Quorum | null;
  pair_counter: number | null;
}

export class PostgresCeremonyRecords implements CeremonyRecords {
  async add(tx: StoreTransaction, ceremony: Ceremony): Promise<void> {
    await tx.query(
      `INSERT INTO ceremony
         (session_id, purpose, status, key_id, order_nonce, participants, boot_ids, epoch, batch, quorum, pair_counter)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        ceremony.sessionId,
        ceremony.purpose,
        ceremony.status,
        ceremony.keyId,
        ceremony.orderNonce,
        ceremony.participants,
        JSON.stringify(ceremony.bootIds),
        ceremony.epoch,
        ceremony.batch,
        ceremony.quorum === undefined ? null : JSON.stringify(ceremony.quorum),
        ceremony.pairCounter ?? null,
      ],
    );
  }

  async lock(tx: StoreTransaction, sessionIds: readonly string[]): Promise<Ceremony[]> {
    if (sessionIds.length === 0) return [];
    const rows = await tx.query<CeremonyRow>(
      'SELECT * FROM ceremony WHERE session_id = ANY($1) ORDER BY session_id FOR UPDATE',
      [sessionIds],
    );
    return rows.map(ceremonyOf);
  }

  async addResults(tx: StoreTransaction, results: readonly CeremonyEnded[]): Promise<CeremonyEnded[]> {
    if (results.length === 0) return [];
    const sessionIds = results.map((result) => result.sessionId);
    const added = tx.query(
      `INSERT INTO ceremony_result (session_id, node, data) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
       ON CONFLICT DO NOTHING`,
      [sessionIds, results.map((result) => result.node), results.map((result) => JSON.stringify(result))],
    );
    const [rows] = await Promise.all([
      tx.query<{ data: CeremonyEnded }>('SELECT data FROM ceremony_result WHERE session_id = ANY($1)', [
        sessionIds,
      ]),
      added,
    ]);
    return rows.map((row) => row.data);
  }

  async setStatus(tx: StoreTransaction, sessionId: string, status: CeremonyStatus): Promise<void> {
    await Promise.all([
      tx.query('UPDATE ceremony SET status = $2 WHERE session_id = $1', [sessionId, status]),
      tx.query('DELETE FROM ceremony_result WHERE session_id = $1', [sessionId]),
    ]);
  }

  async running(tx: StoreTransaction): Promise<Ceremony[]> {
    const rows = await tx.query<CeremonyRow>(`SELECT * FROM ceremony WHERE status = 'running'`);
    return rows.map(ceremonyOf);
  }

  async ofOrder(tx: StoreTransaction, orderNonce: string): Promise<Ceremony[]> {
    const rows = await tx.query<CeremonyRow>('SELECT * FROM ceremony WHERE order_nonce = $1', [orderNonce]);
    return rows.map(ceremonyOf);
  }

  async lastPairCounter(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    pair: readonly string[],
  ): Promise<number> {
    const [row] = await tx.query<{ last: number }>(
      `SELECT COALESCE(max(pair_counter), 0) AS last FROM ceremony
       WHERE purpose = 'rekey' AND key_id = $1 AND epoch = $2 AND participants @> $3 AND participants <@ $3`,
      [keyId, epoch, pair],
    );
    return row?.last ?? 0;
  }

  async forgetEnded(tx: StoreTransaction, before: Date): Promise<void> {
    await tx.query(
      `DELETE FROM ceremony WHERE purpose = 'presign' AND status <> 'running' AND ordered_at < $1`,
      [before],
    );
  }

  async statusOf(tx: StoreTransaction, sessionIds: readonly string[]): Promise<Map<string, CeremonyStatus>> {
    if (sessionIds.length === 0) return new Map();
    const rows = await tx.query<{ session_id: string; status: CeremonyStatus }>(
      'SELECT session_id, status FROM ceremony WHERE session_id = ANY($1)',
      [sessionIds],
    );
    return new Map(rows.map((row) => [row.session_id, row.status]));
  }
}

function ceremonyOf(row: CeremonyRow): Ceremony {
  return {
    sessionId: row.session_id,
    purpose: row.purpose,
    status: row.status,
    keyId: row.key_id,
    orderNonce: row.order_nonce,
    participants: row.participants,
    bootIds: row.boot_ids,
    epoch: row.epoch,
    batch: row.batch,
    ...(row.quorum !== null && { quorum: row.quorum }),
    ...(row.pair_counter !== null && { pairCounter: row.pair_counter }),
  };
}
