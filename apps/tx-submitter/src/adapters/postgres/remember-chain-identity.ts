import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Which chain this submitter began on: nonces and hashes in its tables mean nothing on another with the same id. */
export class RememberChainIdentity1767500000000 implements MigrationInterface {
  readonly name = 'RememberChainIdentity1767500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE chain_identity (
        chain_id text PRIMARY KEY,
        genesis_hash text NOT NULL,
        first_seen timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE chain_identity');
  }
}
