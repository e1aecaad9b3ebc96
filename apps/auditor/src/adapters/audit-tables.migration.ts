import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The log: one row for every offset of mpc.events, inserted once and never changed. */
export class AuditTables1764000000000 implements MigrationInterface {
  readonly name = 'AuditTables1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entry (
        log integer NOT NULL,
        index bigint NOT NULL,
        gap boolean NOT NULL,
        key bytea,
        value bytea,
        headers jsonb NOT NULL,
        verified boolean NOT NULL,
        reason text,
        duplicate_of bigint,
        event_id text,
        type text,
        source text,
        actor text,
        correlation_id text,
        request_id text,
        intent_id text,
        key_id text,
        occurred_at timestamptz,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (log, index)
      );
      CREATE INDEX audit_entry_by_event_id ON audit_entry (event_id, log, index);
      CREATE INDEX audit_entry_by_type ON audit_entry (type, log, index);
      CREATE INDEX audit_entry_by_actor ON audit_entry (actor, log, index);
      CREATE INDEX audit_entry_by_correlation ON audit_entry (correlation_id, log, index);
      CREATE INDEX audit_entry_by_request ON audit_entry (request_id, log, index) WHERE request_id IS NOT NULL;
      CREATE INDEX audit_entry_by_intent ON audit_entry (intent_id, log, index) WHERE intent_id IS NOT NULL;
      CREATE INDEX audit_entry_by_key ON audit_entry (key_id, log, index) WHERE key_id IS NOT NULL;
      CREATE INDEX audit_entry_by_time ON audit_entry (occurred_at, log, index);

      CREATE FUNCTION refuse_change_of_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_entry is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
      END $$;
      CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_entry();
    `);
  }

  /** Refused: an audit log is not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never removed by a migration'));
  }
}
