import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The last final block that was seen: a chain without it is another chain, or has gone back further than it may. */
export class RememberFinalBlock1795300000000 implements MigrationInterface {
  readonly name = 'RememberFinalBlock1795300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE chain_identity ADD COLUMN final_number bigint, ADD COLUMN final_hash text',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE chain_identity DROP COLUMN final_number, DROP COLUMN final_hash');
  }
}
