import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What came with an intent in the header `approvals`: it goes to the nodes with every request. */
export class AddIntentApprovals1767312000000 implements MigrationInterface {
  readonly name = 'AddIntentApprovals1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE intent ADD COLUMN approvals text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intent DROP COLUMN approvals');
  }
}
