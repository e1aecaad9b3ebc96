import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The library's tables. Migrations of services carry later timestamps in their names. */
export class CreateEventStoreTables1700000000000 implements MigrationInterface {
  readonly name = 'CreateEventStoreTables1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event (
        stream_id text NOT NULL,
        position integer NOT NULL CHECK (position > 0),
        event_id uuid NOT NULL UNIQUE,
        type text NOT NULL,
        value bytea NOT NULL,
        jws text NOT NULL,
        occurred_at timestamptz NOT NULL,
        CONSTRAINT event_pkey PRIMARY KEY (stream_id, position)
      )`);
    await runner.query(`
      CREATE TABLE inbox (
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (consumer, topic, partition)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE outbox (
        id bigserial PRIMARY KEY,
        owner bigint NOT NULL,
        stream_id text,
        topic text NOT NULL,
        partition integer,
        key bytea,
        value bytea,
        headers jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
    await runner.query(`CREATE INDEX outbox_stream ON outbox (stream_id) WHERE stream_id IS NOT NULL`);
    await runner.query(`
      CREATE TABLE due (
        kind text NOT NULL,
        key text NOT NULL,
        next_action_at timestamptz NOT NULL,
        data jsonb,
        PRIMARY KEY (kind, key)
      )`);
    await runner.query(`CREATE INDEX due_next_action ON due (kind, next_action_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE due, outbox, inbox, event');
  }
}
