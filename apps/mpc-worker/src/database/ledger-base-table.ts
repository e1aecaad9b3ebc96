import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many presignatures a node had spent when its shares were restored into this database, whose ledger lacks them. */
export class LedgerBaseTable1764300000000 implements MigrationInterface {
  readonly name = 'LedgerBaseTable1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_base (
        id smallint PRIMARY KEY CHECK (id = 1),
        count bigint NOT NULL,
        restored_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ledger_base');
  }
}
