import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Several transactions at one nonce, several nonces of a lane on their way at once, amendments, and lanes that pause. */
export class SeveralAttempts1795219200000 implements MigrationInterface {
  readonly name = 'SeveralAttempts1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE intent
        ADD COLUMN is_ending boolean NOT NULL DEFAULT false,
        ADD COLUMN wants_cancel boolean NOT NULL DEFAULT false,
        ADD COLUMN in_flight boolean NOT NULL DEFAULT false`);
    await runner.query(
      `UPDATE intent SET in_flight = true
       WHERE hash IS NOT NULL AND status IN ('signing', 'broadcast', 'included', 'confirmed', 'reverted')`,
    );
    await runner.query('DROP INDEX intent_in_flight');
    await runner.query('CREATE INDEX intent_in_flight ON intent (chain_id, address, nonce) WHERE in_flight');
    await runner.query(
      'CREATE INDEX intent_to_cancel ON intent (chain_id, address, ready_at) WHERE wants_cancel',
    );
    await runner.query('DROP INDEX intent_queue');
    await runner.query(
      `CREATE INDEX intent_queue ON intent (chain_id, address, ready_at, arrival)
       WHERE nonce IS NULL AND status IN ('queued', 'parked')`,
    );
    await runner.query('ALTER TABLE attempt ADD COLUMN max_cost numeric NOT NULL DEFAULT 0');
    await runner.query(`
      ALTER TABLE lane
        DROP COLUMN signing_stream,
        ADD COLUMN status text NOT NULL DEFAULT 'active'`);
    await runner.query(`
      CREATE TABLE vacant_nonce (
        chain_id text NOT NULL,
        address text NOT NULL,
        nonce bigint NOT NULL,
        stream_id text NOT NULL REFERENCES intent,
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (chain_id, address, nonce)
      )`);
    await runner.query(`
      CREATE TABLE amendment (
        stream_id text NOT NULL REFERENCES intent,
        n integer GENERATED ALWAYS AS IDENTITY,
        amendment_hash text NOT NULL,
        value bytea NOT NULL,
        jws text NOT NULL,
        PRIMARY KEY (stream_id, amendment_hash)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE amendment, vacant_nonce');
    await runner.query('ALTER TABLE lane DROP COLUMN status, ADD COLUMN signing_stream text');
    await runner.query('ALTER TABLE attempt DROP COLUMN max_cost');
    await runner.query('DROP INDEX intent_in_flight, intent_to_cancel, intent_queue');
    await runner.query(
      'ALTER TABLE intent DROP COLUMN is_ending, DROP COLUMN wants_cancel, DROP COLUMN in_flight',
    );
    await runner.query(
      `CREATE INDEX intent_queue ON intent (chain_id, address, ready_at, arrival) WHERE status = 'queued'`,
    );
    await runner.query(
      `CREATE INDEX intent_in_flight ON intent (arrival) WHERE hash IS NOT NULL AND status IN ('signing', 'broadcast', 'included')`,
    );
  }
}
