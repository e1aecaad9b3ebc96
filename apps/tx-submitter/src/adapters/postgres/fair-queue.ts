import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Has the queue of a lane in the order in which intents may go, and counts how often each was postponed. */
export class FairQueue1795360000000 implements MigrationInterface {
  readonly name = 'FairQueue1795360000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intent ADD COLUMN pauses integer NOT NULL DEFAULT 0');
    await runner.query('DROP INDEX intent_queue');
    await runner.query(
      'CREATE INDEX intent_queue ON intent (chain_id, address, ready_at, queue_place) WHERE queue_place IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX intent_queue');
    await runner.query(
      'CREATE INDEX intent_queue ON intent (chain_id, address, queue_place, ready_at) WHERE queue_place IS NOT NULL',
    );
    await runner.query('ALTER TABLE intent DROP COLUMN pauses');
  }
}
