import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What the transactions of lanes cost or may cost, why intents are parked, and chains whose lanes are all paused. */
export class BudgetLanes1795320000000 implements MigrationInterface {
  readonly name = 'BudgetLanes1795320000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE lane_fee (
        stream_id text PRIMARY KEY REFERENCES intent,
        chain_id text NOT NULL,
        address text NOT NULL,
        -- The most that the dearest of its transactions may cost, and what the one in a block did cost; wei.
        ceiling numeric NOT NULL,
        paid numeric,
        -- An hour after a block took it.
        counts_until timestamptz NOT NULL DEFAULT 'infinity'
      )`);
    await runner.query('CREATE INDEX lane_fee_by_lane ON lane_fee (chain_id, address, counts_until)');
    await runner.query(`
      CREATE TABLE chain_pause (
        chain_id text PRIMARY KEY,
        since timestamptz NOT NULL DEFAULT now(),
        by text NOT NULL
      )`);
    await runner.query('ALTER TABLE intent ADD COLUMN parked_code text, ADD COLUMN parked_reason text');
    await runner.query(`CREATE INDEX intent_parked ON intent (chain_id, address) WHERE status = 'parked'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX intent_parked');
    await runner.query('ALTER TABLE intent DROP COLUMN parked_code, DROP COLUMN parked_reason');
    await runner.query('DROP TABLE chain_pause, lane_fee');
  }
}
