import { type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';

/** How much of a key is in stock, and how much is asked for. */
export interface StockLevel {
  readonly keyId: string;
  /** Requests that found no presignature. */
  readonly waiting: number;
  /** Presignatures of the committees that can sign now. */
  readonly stock: number;
  /** With so many the stock counts as replenished. */
  readonly enough: number;
}

/** Says when a key has run out of presignatures, so that requests wait for presigning, and when it has some again. */
export class StockLevels {
  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Keys that have run out. */
  async exhausted(tx: StoreTransaction): Promise<Set<string>> {
    const rows = await tx.query<{ key_id: string }>('SELECT key_id FROM exhausted_stock');
    return new Set(rows.map((row) => row.key_id));
  }

  /** By one coordinator at a time. */
  observe(tx: StoreTransaction, level: StockLevel, isExhausted: boolean): void {
    const { keyId, waiting, stock, enough } = level;
    if (!isExhausted && waiting > 0) {
      tx.write('INSERT INTO exhausted_stock (key_id) VALUES ($1) ON CONFLICT DO NOTHING', [keyId]);
      this.append(tx, 'quorate.presign.exhausted.v1', keyId, { waiting });
      tx.afterCommit(() =>
        this.logger.warn({ keyId, waiting }, 'no presignatures in stock: requests wait for presigning'),
      );
    }
    if (isExhausted && waiting === 0 && stock >= enough) {
      tx.write('DELETE FROM exhausted_stock WHERE key_id = $1', [keyId]);
      this.append(tx, 'quorate.presign.replenished.v1', keyId, { stock });
      tx.afterCommit(() => this.logger.info({ keyId, stock }, 'presignatures are in stock again'));
    }
  }

  private append(tx: StoreTransaction, type: string, keyId: string, data: object): void {
    tx.appendNext(streams.stock(keyId), [
      {
        type,
        data: { keyId, ...data },
        correlationId: keyId,
        causationId: keyId,
        occurredAt: this.clock.now(),
      },
    ]);
  }
}
