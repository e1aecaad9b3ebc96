import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables that only a node has. They hold public values and sealed shares; secrets of presignatures never
 * reach a database (threshold-ecdsa.md 11.1).
 */
export class NodeTables1764000000000 implements MigrationInterface {
  readonly name = 'NodeTables1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE key_share (
        key_id text NOT NULL,
        epoch integer NOT NULL,
        sealed bytea NOT NULL,
        activated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, epoch)
      );
      CREATE TABLE pending_share (
        session_id bytea PRIMARY KEY,
        key_id text NOT NULL,
        epoch integer NOT NULL,
        sealed bytea NOT NULL,
        command_hash bytea,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE process_hold (
        id smallint PRIMARY KEY CHECK (id = 1),
        boot_id bytea NOT NULL
      );
      CREATE TABLE used_command (
        command_hash bytea PRIMARY KEY,
        key_id text NOT NULL,
        used_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE dead_pair (
        key_id text NOT NULL,
        epoch integer NOT NULL,
        peer integer NOT NULL,
        session_id bytea NOT NULL,
        died_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key_id, epoch, peer)
      );
      CREATE TABLE presignature_ledger (
        presignature_id bytea PRIMARY KEY,
        nonce_point bytea NOT NULL UNIQUE,
        key_id text NOT NULL,
        requester text NOT NULL,
        request_id text NOT NULL,
        request_hash bytea NOT NULL,
        spent_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX presignature_ledger_request ON presignature_ledger (requester, request_id);
      CREATE TABLE nonce_binding (
        chain text NOT NULL,
        address text NOT NULL,
        nonce numeric NOT NULL,
        payload_hash bytea NOT NULL,
        PRIMARY KEY (chain, address, nonce)
      );
      CREATE TABLE intent_binding (
        requester text NOT NULL,
        intent_id text NOT NULL,
        chain text NOT NULL,
        address text NOT NULL,
        nonce numeric NOT NULL,
        PRIMARY KEY (requester, intent_id)
      );
      CREATE TABLE health_check (
        key_id text NOT NULL,
        epoch integer NOT NULL,
        committee text NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        passed boolean NOT NULL DEFAULT false,
        PRIMARY KEY (key_id, epoch, committee)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE process_hold, key_share, pending_share, used_command, dead_pair, presignature_ledger, nonce_binding,
       intent_binding, health_check`,
    );
  }
}
