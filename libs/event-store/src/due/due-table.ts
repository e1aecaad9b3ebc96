import { Conflict, QuorateError } from '@quorate/platform';
import { type StructuredLogger } from '@quorate/messaging';
import { type DueRow, type StoreTransaction } from '../event-store';
import { type Transactions } from '../transaction/transactions';

/**
 * Who carries out a due row holds it, and then wants what it is about; who works on that wants to move or cancel the row when
 * it commits. So that neither waits for the other, who carries out gives way, before Postgres ends one of them by its choice
 * (deadlock_timeout, 1 s: https://www.postgresql.org/docs/15/runtime-config-locks.html). The row stays due.
 */
const GIVE_WAY = { lockTimeoutMs: 500 };
/** How long a row rests whose action fails on its data. */
const REST_SECONDS = 30;

type HandleDue = (tx: StoreTransaction, row: DueRow) => Promise<void>;

interface DueTableRow {
  kind: string;
  key: string;
  next_action_at: Date;
  data: unknown;
}

/** Deadlines and retries, which any process with this database takes. */
export class DueTable {
  constructor(
    private readonly transactions: Transactions,
    private readonly logger: StructuredLogger,
  ) {}

  async take(kinds: string[], limit: number, handle: HandleDue): Promise<number> {
    let taken: DueRow[] = [];
    try {
      return await this.transactions.run(async (tx) => {
        taken = await takeRows(tx, kinds, limit);
        for (const row of taken) await handle(tx, row);
        return taken.length;
      }, GIVE_WAY);
    } catch (error) {
      if (error instanceof QuorateError && (error.kind === 'unavailable' || error.kind === 'fatal'))
        throw error;
      for (const row of taken) await this.takeAlone(row, handle);
      return taken.length;
    }
  }

  /** A row whose action fails must not keep the others from theirs. */
  private async takeAlone(row: DueRow, handle: HandleDue): Promise<void> {
    const { kind, key } = row;
    try {
      await this.transactions.run(async (tx) => {
        const [again] = await takeRow(tx, row);
        if (again !== undefined) await handle(tx, again);
      }, GIVE_WAY);
    } catch (error) {
      if (error instanceof QuorateError && (error.kind === 'unavailable' || error.kind === 'fatal'))
        throw error;
      // Somebody else appended meanwhile: the row is still due, and decided anew when it is taken next.
      if (error instanceof Conflict && error.code === 'version') return;
      this.logger.error({ kind, key, err: error }, 'What is due fails, it rests');
      await this.transactions.run((tx) =>
        tx.query(
          `UPDATE due SET next_action_at = date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $3)
           WHERE kind = $1 AND key = $2 AND next_action_at = $4`,
          [kind, key, REST_SECONDS, row.nextActionAt],
        ),
      );
    }
  }
}

async function takeRows(tx: StoreTransaction, kinds: string[], limit: number): Promise<DueRow[]> {
  const rows = await tx.query<DueTableRow>(
    `DELETE FROM due USING (
       SELECT kind, key FROM due WHERE kind = ANY($1::text[]) AND next_action_at <= clock_timestamp()
       ORDER BY next_action_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) AS ripe
     WHERE due.kind = ripe.kind AND due.key = ripe.key
     RETURNING due.kind, due.key, due.next_action_at, due.data`,
    [kinds, limit],
  );
  return rows.map(toDueRow).sort((a, b) => a.nextActionAt.getTime() - b.nextActionAt.getTime());
}

async function takeRow(tx: StoreTransaction, { kind, key }: DueRow): Promise<DueRow[]> {
  const rows = await tx.query<DueTableRow>(
    `DELETE FROM due WHERE kind = $1 AND key = $2 AND next_action_at <= clock_timestamp()
     RETURNING kind, key, next_action_at, data`,
    [kind, key],
  );
  return rows.map(toDueRow);
}

function toDueRow({ kind, key, next_action_at, data }: DueTableRow): DueRow {
  return { kind, key, nextActionAt: next_action_at, data };
}
