import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Transactions that are signed in advance, and sent only when they are needed. */
export class HoldAttempts1795340000000 implements MigrationInterface {
  readonly name = 'HoldAttempts1795340000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE attempt ADD COLUMN is_held boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE attempt DROP COLUMN is_held');
  }
}
