import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';
import { type KeyOrder, type KeyOrders, type KeyOrderStatus } from '../ports/key-orders.port';

interface OrderRow {
  nonce: string;
  status: KeyOrderStatus;
  command: Buffer;
  signatures: string[];
  scheme: string;
  threshold: number;
  participants: string[];
  facts: KeyFacts | null;
  failure: string | null;
}

export class PostgresKeyOrders implements KeyOrders {
  async add(tx: StoreTransaction, order: KeyOrder): Promise<boolean> {
    const rows = await tx.query<{ nonce: string }>(
      `INSERT INTO key_order (nonce, status, command, signatures, scheme, threshold, participants)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING nonce`,
      [
        order.nonce,
        order.status,
        order.command,
        order.signatures,
        order.scheme,
        order.threshold,
        order.participants,
      ],
    );
    return rows.length > 0;
  }

  async find(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined> {
    const rows = await tx.query<OrderRow>('SELECT * FROM key_order WHERE nonce = $1', [nonce]);
    return rows.map(orderOf)[0];
  }

  async lock(tx: StoreTransaction, nonce: string): Promise<KeyOrder | undefined> {
    const rows = await tx.query<OrderRow>('SELECT * FROM key_order WHERE nonce = $1 FOR UPDATE', [nonce]);
    return rows.map(orderOf)[0];
  }

  async update(
    tx: StoreTransaction,
    nonce: string,
    change: { status: KeyOrderStatus; facts?: KeyFacts; failure?: string },
  ): Promise<void> {
    await tx.query(
      `UPDATE key_order SET status = $2, facts = COALESCE($3, facts), failure = COALESCE($4, failure)
       WHERE nonce = $1`,
      [
        nonce,
        change.status,
        change.facts === undefined ? null : JSON.stringify(change.facts),
        change.failure ?? null,
      ],
    );
  }

  async setUsable(tx: StoreTransaction, facts: KeyFacts): Promise<void> {
    await tx.query('INSERT INTO usable_key (key_id, facts) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      facts.keyId,
      JSON.stringify(facts),
    ]);
  }

  async usable(tx: StoreTransaction): Promise<{ facts: KeyFacts; usableAt: Date }[]> {
    const rows = await tx.query<{ facts: KeyFacts; usable_at: Date }>(
      'SELECT facts, usable_at FROM usable_key ORDER BY usable_at',
    );
    return rows.map((row) => ({ facts: row.facts, usableAt: row.usable_at }));
  }
}

function orderOf(row: OrderRow): KeyOrder {
  return {
    nonce: row.nonce,
    status: row.status,
    command: row.command,
    signatures: row.signatures,
    scheme: row.scheme,
    threshold: row.threshold,
    participants: row.participants,
    facts: row.facts,
    failure: row.failure,
  };
}
