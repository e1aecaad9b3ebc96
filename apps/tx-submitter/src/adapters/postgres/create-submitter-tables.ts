import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What the submitter looks up beside the event streams: who is next on a lane, which request or hash belongs to which
 * intent, and the exact bytes that may have to be sent again.
 */
export class CreateSubmitterTables1767225600000 implements MigrationInterface {
  readonly name = 'CreateSubmitterTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE lane (
        chain_id text NOT NULL,
        address text NOT NULL,
        next_nonce bigint NOT NULL,
        signing_stream text,
        PRIMARY KEY (chain_id, address)
      )`);
    await runner.query(`
      CREATE TABLE intent (
        stream_id text PRIMARY KEY,
        requester text NOT NULL,
        intent_id text NOT NULL,
        arrival bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        intent_hash text NOT NULL,
        value bytea NOT NULL,
        jws text NOT NULL,
        status text NOT NULL,
        chain_id text NOT NULL,
        confirmations integer NOT NULL,
        address text,
        nonce bigint,
        hash text,
        block_number bigint,
        block_hash text,
        ready_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (requester, intent_id),
        UNIQUE (chain_id, address, nonce)
      )`);
    await runner.query(`CREATE INDEX intent_by_name ON intent (intent_id)`);
    await runner.query(`CREATE INDEX intent_by_address ON intent (address, arrival)`);
    await runner.query(
      `CREATE INDEX intent_queue ON intent (chain_id, address, ready_at, arrival) WHERE status = 'queued'`,
    );
    await runner.query(
      `CREATE INDEX intent_in_flight ON intent (arrival) WHERE hash IS NOT NULL AND status IN ('signing', 'broadcast', 'included')`,
    );
    await runner.query(`
      CREATE TABLE attempt (
        stream_id text NOT NULL REFERENCES intent,
        n integer NOT NULL,
        kind text NOT NULL,
        unsigned text NOT NULL,
        digest text NOT NULL,
        gas_limit numeric NOT NULL,
        max_fee_per_gas numeric NOT NULL,
        max_priority_fee_per_gas numeric NOT NULL,
        status text NOT NULL,
        raw text,
        hash text UNIQUE,
        PRIMARY KEY (stream_id, n)
      )`);
    await runner.query(`
      CREATE TABLE sign_request (
        request_id text PRIMARY KEY,
        stream_id text NOT NULL REFERENCES intent,
        attempt integer NOT NULL,
        request_hash text NOT NULL,
        key text NOT NULL,
        value bytea NOT NULL,
        headers jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE outcome (
        requester text NOT NULL,
        intent_id text NOT NULL,
        intent_hash text NOT NULL,
        n integer NOT NULL,
        value bytea NOT NULL,
        headers jsonb NOT NULL,
        PRIMARY KEY (requester, intent_id, intent_hash, n)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outcome, sign_request, attempt, intent, lane');
  }
}
