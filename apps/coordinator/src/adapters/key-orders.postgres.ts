import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';
import {
  type KeyOrder,
  type KeyOrderChange,
  type KeyOrderKind,
  type KeyOrders,
  type KeyOrderStatus,
} from '../ports/key-orders.port';

interface OrderRow {
  nonce: string;
  kind: KeyOrderKind;
  status: KeyOrderStatus;
  key_id: string | null;
  epoch: number;
  command: Buffer;
  signatures: string[];
  expiry: Date | null;
  scheme: string;
  threshold: number;
  participants: string[];
  facts: KeyFacts | null;
  failure: string | null;
  attempts: number;
  since: Date;
}

const OPEN_CHANGE = `SELECT * FROM key_order
  WHERE key_id = $1 AND kind IN ('refresh', 'reshare') AND status NOT IN ('usable', 'failed')`;

export class PostgresKeyOrders implements KeyOrders {
  async add(tx: StoreTransaction, order: KeyOrder): Promise<boolean> {
    const rows = await tx.query<{ nonce: string }>(
      `INSERT INTO key_order
         (nonce, kind, status, key_id, epoch, command, signatures, expiry, scheme, threshold, participants, since)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING nonce`,
      [
        order.nonce,
        order.kind,
        order.status,
        order.keyId,
        order.epoch,
        order.command,
        order.signatures,
        order.expiry,
        order.scheme,
        order.threshold,
        order.participants,
        order.since,
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

  async openChange(tx: StoreTransaction, keyId: string): Promise<KeyOrder | undefined> {
    const rows = await tx.query<OrderRow>(OPEN_CHANGE, [keyId]);
    return rows.map(orderOf)[0];
  }

  async lockOpenChange(tx: StoreTransaction, keyId: string): Promise<KeyOrder | undefined> {
    const rows = await tx.query<OrderRow>(`${OPEN_CHANGE} FOR UPDATE`, [keyId]);
    return rows.map(orderOf)[0];
  }

  async update(tx: StoreTransaction, nonce: string, change: KeyOrderChange): Promise<void> {
    await tx.query(
      `UPDATE key_order
       SET since = CASE WHEN status = $2 THEN since ELSE now() END, status = $2, facts = COALESCE($3, facts),
           failure = $4, attempts = attempts + $5
       WHERE nonce = $1`,
      [
        nonce,
        change.status,
        change.facts === undefined ? null : JSON.stringify(change.facts),
        change.failure ?? null,
        change.isAttempt === true ? 1 : 0,
      ],
    );
  }
}

function orderOf(row: OrderRow): KeyOrder {
  return {
    nonce: row.nonce,
    kind: row.kind,
    status: row.status,
    keyId: row.key_id,
    epoch: row.epoch,
    command: row.command,
    signatures: row.signatures,
    expiry: row.expiry,
    scheme: row.scheme,
    threshold: row.threshold,
    participants: row.participants,
    facts: row.facts,
    failure: row.failure,
    attempts: row.attempts,
    since: row.since,
  };
}
