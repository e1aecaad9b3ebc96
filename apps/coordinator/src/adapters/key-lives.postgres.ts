import { type StoreTransaction } from '@quorate/event-store';
import { type KeyFacts } from '@quorate/protocol';
import { indicesOf } from '../key-registry/key-content';
import {
  type KeyLife,
  type KeyLives,
  type KnownEpoch,
  type Retirement,
  type UsableEpoch,
} from '../ports/key-lives.port';

interface StoredRetirement {
  nonce: string;
  /** base64 */
  command: string;
  signatures: string[];
}

interface LifeRow {
  key_id: string;
  certified: KeyFacts;
  last_epoch: number;
  certified_at: Date;
  refreshed_at: Date | null;
  retirement: StoredRetirement | null;
}

export class PostgresKeyLives implements KeyLives {
  async begin(tx: StoreTransaction, facts: KeyFacts): Promise<void> {
    await tx.query(
      'INSERT INTO key_life (key_id, certified, last_epoch) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [facts.keyId, JSON.stringify(facts), facts.epoch],
    );
  }

  async find(tx: StoreTransaction, keyId: string): Promise<KeyLife | undefined> {
    const rows = await tx.query<LifeRow>('SELECT * FROM key_life WHERE key_id = $1', [keyId]);
    return rows.map(lifeOf)[0];
  }

  async lock(tx: StoreTransaction, keyId: string): Promise<KeyLife | undefined> {
    const rows = await tx.query<LifeRow>('SELECT * FROM key_life WHERE key_id = $1 FOR UPDATE', [keyId]);
    return rows.map(lifeOf)[0];
  }

  async certify(tx: StoreTransaction, facts: KeyFacts, isRefresh: boolean): Promise<void> {
    await tx.query(
      `UPDATE key_life
       SET certified = $2, last_epoch = GREATEST(last_epoch, $3), certified_at = now(),
           refreshed_at = CASE WHEN $4 THEN now() ELSE refreshed_at END
       WHERE key_id = $1`,
      [facts.keyId, JSON.stringify(facts), facts.epoch, isRefresh],
    );
  }

  async burnEpoch(tx: StoreTransaction, keyId: string, epoch: number): Promise<void> {
    await tx.query('UPDATE key_life SET last_epoch = GREATEST(last_epoch, $2) WHERE key_id = $1', [
      keyId,
      epoch,
    ]);
  }

  async setUsable(tx: StoreTransaction, facts: KeyFacts): Promise<void> {
    await tx.query(
      `INSERT INTO usable_key AS known (key_id, facts) VALUES ($1, $2)
       ON CONFLICT (key_id) DO UPDATE SET facts = excluded.facts
       WHERE (known.facts->>'epoch')::int < (excluded.facts->>'epoch')::int`,
      [facts.keyId, JSON.stringify(facts)],
    );
    const indices = [...indicesOf(facts)];
    await tx.query(
      `INSERT INTO key_party (key_id, node, party) SELECT $1, * FROM unnest($2::text[], $3::int[])
       ON CONFLICT (key_id, node) DO UPDATE SET party = excluded.party`,
      [facts.keyId, indices.map(([node]) => node), indices.map(([, index]) => index)],
    );
  }

  async usable(tx: StoreTransaction, known: readonly KnownEpoch[]): Promise<UsableEpoch[]> {
    const rows = await tx.query<{
      facts: KeyFacts;
      usable_at: Date;
      indices: Record<string, number>;
      retirement: StoredRetirement | null;
    }>(
      `SELECT usable.facts, usable.usable_at, life.retirement,
              (SELECT jsonb_object_agg(node, party) FROM key_party WHERE key_id = usable.key_id) AS indices
       FROM usable_key usable JOIN key_life life USING (key_id)
       WHERE NOT EXISTS (
         SELECT FROM unnest($1::text[], $2::int[], $3::bool[]) AS known (key_id, epoch, retired)
         WHERE known.key_id = usable.key_id AND known.epoch = (usable.facts->>'epoch')::int
           AND known.retired = (life.retirement IS NOT NULL))
       ORDER BY usable.usable_at`,
      [
        known.map(({ keyId }) => keyId),
        known.map(({ epoch }) => epoch),
        known.map(({ isRetired }) => isRetired),
      ],
    );
    return rows.map((row) => ({
      facts: row.facts,
      usableAt: row.usable_at,
      indices: row.indices,
      retirement: retirementOf(row.retirement),
    }));
  }

  async changing(tx: StoreTransaction): Promise<Set<string>> {
    const rows = await tx.query<{ key_id: string }>(
      `SELECT key_id FROM key_life JOIN usable_key USING (key_id)
       WHERE (certified->>'epoch')::int > (facts->>'epoch')::int`,
    );
    return new Set(rows.map((row) => row.key_id));
  }

  async retire(tx: StoreTransaction, keyId: string, retirement: Retirement): Promise<boolean> {
    const { nonce, command, signatures } = retirement;
    const stored: StoredRetirement = {
      nonce,
      command: command.toString('base64'),
      signatures: [...signatures],
    };
    const rows = await tx.query(
      'UPDATE key_life SET retirement = $2 WHERE key_id = $1 AND retirement IS NULL RETURNING key_id',
      [keyId, JSON.stringify(stored)],
    );
    return rows.length > 0;
  }

  async refreshesDue(tx: StoreTransaction): Promise<Map<string, Date>> {
    const rows = await tx.query<{ key: string; next_action_at: Date }>(
      `SELECT key, next_action_at FROM due WHERE kind = 'key-refresh'`,
    );
    return new Map(rows.map((row) => [row.key, row.next_action_at]));
  }
}

function lifeOf(row: LifeRow): KeyLife {
  return {
    keyId: row.key_id,
    certified: row.certified,
    lastEpoch: row.last_epoch,
    certifiedAt: row.certified_at,
    refreshedAt: row.refreshed_at,
    retirement: retirementOf(row.retirement),
  };
}

function retirementOf(stored: StoredRetirement | null): Retirement | null {
  return stored === null ? null : { ...stored, command: Buffer.from(stored.command, 'base64') };
}
