import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The life of keys after their generation: epochs that are erased at a time, numbers that were confirmed, keys that were
 * dealt away or retired, and pairs that are re-keyed (threshold-ecdsa.md 9 and 13).
 */
export class KeyLifeTables1764200000000 implements MigrationInterface {
  readonly name = 'KeyLifeTables1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE key_share ADD COLUMN erase_at timestamptz;
      CREATE INDEX key_share_erase ON key_share (erase_at) WHERE erase_at IS NOT NULL;
      CREATE TABLE key_life (
        key_id text PRIMARY KEY,
        last_epoch integer NOT NULL,
        refreshed_at timestamptz,
        left_certificate bytea,
        retired_certificate bytea,
        retire_command bytea,
        retire_signatures text[]
      );
      INSERT INTO key_life (key_id, last_epoch)
        SELECT key_id, max(epoch) FROM (SELECT key_id, epoch FROM key_share UNION SELECT key_id, epoch FROM pending_share)
        AS known GROUP BY key_id;
      CREATE TABLE pair_rekey (
        key_id text NOT NULL,
        epoch integer NOT NULL,
        peer integer NOT NULL,
        pair_counter integer NOT NULL,
        session_id bytea NOT NULL UNIQUE,
        command_hash bytea NOT NULL,
        sealed bytea,
        confirmed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, epoch, peer, pair_counter)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_life, pair_rekey; ALTER TABLE key_share DROP COLUMN erase_at');
  }
}
