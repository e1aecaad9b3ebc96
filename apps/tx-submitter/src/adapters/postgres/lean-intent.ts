import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Makes the steps of an intent cheap: its status is in no index, so that most of them change its row alone (a heap-only
 * tuple, for which the pages keep room), and each question of a lane has an index that answers it in its order.
 */
export class LeanIntent1795350000000 implements MigrationInterface {
  readonly name = 'LeanIntent1795350000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX intent_to_cancel, intent_queue, intent_parked, intent_by_name');
    await runner.query(`
      ALTER TABLE intent
        -- The arrival of those that wait for a nonce: only one index has their order, so that no plan takes another one.
        ADD COLUMN queue_place bigint
          GENERATED ALWAYS AS (CASE WHEN nonce IS NULL AND status IN ('queued', 'parked') THEN arrival END) STORED,
        ADD COLUMN is_parked boolean NOT NULL GENERATED ALWAYS AS (status = 'parked') STORED,
        ADD UNIQUE (intent_id, requester),
        DROP CONSTRAINT intent_requester_intent_id_key,
        SET (fillfactor = 50)`);
    await runner.query(
      'CREATE INDEX intent_to_cancel ON intent (chain_id, address, nonce) WHERE wants_cancel',
    );
    await runner.query(
      'CREATE INDEX intent_queue ON intent (chain_id, address, queue_place, ready_at) WHERE queue_place IS NOT NULL',
    );
    await runner.query('CREATE INDEX intent_parked ON intent (chain_id, address) WHERE is_parked');
    await runner.query('ALTER TABLE attempt SET (fillfactor = 50)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE attempt RESET (fillfactor)');
    await runner.query('DROP INDEX intent_to_cancel, intent_queue, intent_parked');
    await runner.query(`
      ALTER TABLE intent
        ADD UNIQUE (requester, intent_id),
        DROP CONSTRAINT intent_intent_id_requester_key,
        DROP COLUMN queue_place,
        DROP COLUMN is_parked,
        RESET (fillfactor)`);
    await runner.query('CREATE INDEX intent_by_name ON intent (intent_id)');
    await runner.query(
      'CREATE INDEX intent_to_cancel ON intent (chain_id, address, ready_at) WHERE wants_cancel',
    );
    await runner.query(
      `CREATE INDEX intent_queue ON intent (chain_id, address, ready_at, arrival)
       WHERE nonce IS NULL AND status IN ('queued', 'parked')`,
    );
    await runner.query(`CREATE INDEX intent_parked ON intent (chain_id, address) WHERE status = 'parked'`);
  }
}
