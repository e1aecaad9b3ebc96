import { type StoreTransaction } from '@quorate/event-store';
import { type Checkpoints, type Cosignature, type StoredCheckpoint } from '../ports/checkpoints.port';

interface CheckpointRow {
  log: number;
  size: string;
  note: string;
}

/** The checkpoints in the tables checkpoint and cosignature. */
export class PostgresCheckpoints implements Checkpoints {
  insert(tx: StoreTransaction, { log, size, note }: StoredCheckpoint): void {
    tx.write('INSERT INTO checkpoint (log, size, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      ...[log, String(size), note],
    ]);
  }

  insertCosignature(tx: StoreTransaction, { log, size, witness, line }: Cosignature): void {
    tx.write(
      'INSERT INTO cosignature (log, size, witness, line) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [log, String(size), witness, line],
    );
  }

  at(tx: StoreTransaction, log: number, size: number): Promise<StoredCheckpoint | undefined> {
    return this.find(tx, 'WHERE log = $1 AND size = $2', [log, String(size)]);
  }

  latest(tx: StoreTransaction, log: number): Promise<StoredCheckpoint | undefined> {
    return this.find(tx, 'WHERE log = $1 ORDER BY size DESC LIMIT 1', [log]);
  }

  covering(tx: StoreTransaction, log: number, size: number): Promise<StoredCheckpoint | undefined> {
    return this.find(tx, 'WHERE log = $1 AND size >= $2 ORDER BY size LIMIT 1', [log, String(size)]);
  }

  private async find(
    tx: StoreTransaction,
    where: string,
    parameters: unknown[],
  ): Promise<StoredCheckpoint | undefined> {
    const [row] = await tx.query<CheckpointRow>(
      `SELECT log, size, note || coalesce((SELECT string_agg(line, '' ORDER BY received_at, witness)
         FROM cosignature WHERE (log, size) = (checkpoint.log, checkpoint.size)), '') AS note
       FROM checkpoint ${where}`,
      parameters,
    );
    return row && { ...row, size: Number(row.size) };
  }
}
