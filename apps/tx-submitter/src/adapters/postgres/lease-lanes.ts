import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Several submitters on one database: which of them live, and which lane belongs to which. */
export class LeaseLanes1795310000000 implements MigrationInterface {
  readonly name = 'LeaseLanes1795310000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE replica (
        name text PRIMARY KEY,
        -- The advisory lock that it holds while it lives.
        owner bigint NOT NULL,
        alive_until timestamptz NOT NULL
      )`);
    await runner.query(`
      ALTER TABLE lane
        ADD COLUMN holder text,
        ADD COLUMN epoch bigint NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lane DROP COLUMN holder, DROP COLUMN epoch');
    await runner.query('DROP TABLE replica');
  }
}
