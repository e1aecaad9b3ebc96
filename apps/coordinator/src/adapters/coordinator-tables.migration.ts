import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The coordinators' own tables, beside those of the event store. Ids and bytes are 0x-hex, as in the records. */
export class CoordinatorTables1764000000000 implements MigrationInterface {
  readonly name = 'CoordinatorTables1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outcome (
        stream_id text NOT NULL,
        request_hash text NOT NULL,
        key text NOT NULL,
        value bytea NOT NULL,
        headers jsonb NOT NULL,
        PRIMARY KEY (stream_id, request_hash)
      );
      CREATE TABLE answer (
        stream_id text NOT NULL,
        attempt integer NOT NULL,
        node text NOT NULL,
        data jsonb NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream_id, attempt, node)
      );
      CREATE TABLE waiting_request (
        stream_id text PRIMARY KEY,
        key_id text NOT NULL,
        position bigserial NOT NULL
      );
      CREATE INDEX waiting_request_by_key ON waiting_request (key_id, position);

      CREATE TABLE ceremony (
        session_id text PRIMARY KEY,
        purpose text NOT NULL,
        status text NOT NULL,
        key_id text,
        order_nonce text,
        participants text[] NOT NULL,
        boot_ids jsonb NOT NULL,
        epoch integer NOT NULL,
        batch integer NOT NULL,
        ordered_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX ceremony_running ON ceremony (key_id) WHERE status = 'running';
      CREATE INDEX ceremony_of_order ON ceremony (order_nonce) WHERE order_nonce IS NOT NULL;
      CREATE TABLE ceremony_result (
        session_id text NOT NULL REFERENCES ceremony ON DELETE CASCADE,
        node text NOT NULL,
        data jsonb NOT NULL,
        PRIMARY KEY (session_id, node)
      );

      CREATE TABLE presign_batch (
        session_id text PRIMARY KEY,
        status text NOT NULL,
        key_id text NOT NULL,
        epoch integer NOT NULL,
        committee text[] NOT NULL,
        boot_ids jsonb NOT NULL,
        h2 text NOT NULL,
        nonce_points text[] NOT NULL,
        next_index integer NOT NULL DEFAULT 0,
        owner text,
        lease_until timestamptz,
        stocked_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX presign_batch_stocked ON presign_batch (key_id, stocked_at) WHERE status = 'stocked';
      CREATE TABLE presignature_use (
        presignature_id text PRIMARY KEY,
        session_id text NOT NULL,
        position integer NOT NULL,
        stream_id text NOT NULL,
        attempt integer NOT NULL
      );
      CREATE INDEX presignature_use_by_session ON presignature_use (session_id);

      CREATE TABLE key_order (
        nonce text PRIMARY KEY,
        status text NOT NULL,
        command bytea NOT NULL,
        signatures text[] NOT NULL,
        scheme text NOT NULL,
        threshold integer NOT NULL,
        participants text[] NOT NULL,
        facts jsonb,
        failure text,
        ordered_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE usable_key (
        key_id text PRIMARY KEY,
        facts jsonb NOT NULL,
        usable_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE node_boot (
        node text NOT NULL,
        boot_id text NOT NULL,
        PRIMARY KEY (node, boot_id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE node_boot, usable_key, key_order, presignature_use, presign_batch, ceremony_result, ceremony,
        waiting_request, answer, outcome;
    `);
  }
}
