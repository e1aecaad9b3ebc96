import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Which intents have a transaction that an endpoint took: those without one fill the window of their lane. */
export class CountUnaccepted1795330000000 implements MigrationInterface {
  readonly name = 'CountUnaccepted1795330000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intent ADD COLUMN is_taken boolean NOT NULL DEFAULT false');
    await runner.query(
      `UPDATE intent SET is_taken = true WHERE nonce IS NOT NULL AND EXISTS (
         SELECT FROM attempt WHERE attempt.stream_id = intent.stream_id
           AND attempt.status NOT IN ('signing', 'signed', 'dropped'))`,
    );
    await runner.query(
      'CREATE INDEX intent_unaccepted ON intent (chain_id, address, nonce) WHERE nonce IS NOT NULL AND NOT is_taken',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX intent_unaccepted');
    await runner.query('ALTER TABLE intent DROP COLUMN is_taken');
  }
}
