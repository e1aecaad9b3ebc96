import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Nonces of lanes that somebody else used, for good, and up to where each lane was looked through for them. */
export class WatchForeignNonces1795321000000 implements MigrationInterface {
  readonly name = 'WatchForeignNonces1795321000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE foreign_nonce (
        chain_id text NOT NULL,
        address text NOT NULL,
        nonce bigint NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (chain_id, address, nonce)
      )`);
    // Null: not before the first nonce that an intent of the lane got.
    await runner.query('ALTER TABLE lane ADD COLUMN watched_nonce bigint');
    await runner.query('UPDATE lane SET watched_nonce = next_nonce WHERE next_nonce > 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lane DROP COLUMN watched_nonce');
    await runner.query('DROP TABLE foreign_nonce');
  }
}
