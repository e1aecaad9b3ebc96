import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Webhooks: what is to be delivered, in the order of each intent, and which intents are not settled. */
export class AddWebhooks1767398400000 implements MigrationInterface {
  readonly name = 'AddWebhooks1767398400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhook_delivery (
        endpoint text NOT NULL,
        event_id text NOT NULL,
        arrival bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        stream_id text NOT NULL,
        requester text NOT NULL,
        intent_id text NOT NULL,
        type text NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Set while it is the first of its intent that waits at its endpoint.
        next_attempt_at timestamptz,
        attempts integer NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'waiting',
        last_attempt_at timestamptz,
        last_result text,
        finished_at timestamptz,
        PRIMARY KEY (endpoint, event_id)
      )`);
    await runner.query(
      `CREATE INDEX webhook_turn ON webhook_delivery (endpoint, next_attempt_at) WHERE next_attempt_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX webhook_line ON webhook_delivery (endpoint, stream_id, arrival) WHERE state = 'waiting'`,
    );
    await runner.query(
      `CREATE INDEX webhook_oldest ON webhook_delivery (endpoint, arrival) WHERE state = 'waiting'`,
    );
    await runner.query(
      `CREATE INDEX webhook_finished ON webhook_delivery (finished_at) WHERE finished_at IS NOT NULL`,
    );
    await runner.query(`CREATE INDEX webhook_by_intent ON webhook_delivery (intent_id, arrival)`);
    await runner.query(`
      CREATE TABLE webhook_pending (
        endpoint text NOT NULL,
        stream_id text NOT NULL,
        intent_hash text NOT NULL,
        since timestamptz NOT NULL,
        next_notice_at timestamptz NOT NULL,
        PRIMARY KEY (stream_id, endpoint)
      )`);
    await runner.query(`CREATE INDEX webhook_pending_turn ON webhook_pending (endpoint, next_notice_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_pending, webhook_delivery');
  }
}
