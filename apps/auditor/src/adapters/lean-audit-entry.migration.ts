import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Half the cost of an insert. Headers are kept as the text they came as; rows stay whole and uncompressed up to 8 KB;
 * an id is indexed once, where correlation id and request or intent id are the same; nothing is ordered by event id,
 * and what is found by time is ordered by log and index. Most logs know one key only: from that, the planner would
 * conclude that reading the whole log finds a key as fast as the index does.
 */
export class LeanAuditEntry1764000000001 implements MigrationInterface {
  readonly name = 'LeanAuditEntry1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE audit_entry SET (toast_tuple_target = 8160);
      ALTER TABLE audit_entry ALTER COLUMN headers TYPE json USING headers::json;
      DROP INDEX audit_entry_by_event_id, audit_entry_by_correlation, audit_entry_by_time;
      CREATE INDEX audit_entry_by_event_id ON audit_entry USING hash (event_id);
      CREATE INDEX audit_entry_by_correlation ON audit_entry (correlation_id, log, index)
        WHERE correlation_id IS DISTINCT FROM request_id AND correlation_id IS DISTINCT FROM intent_id;
      CREATE INDEX audit_entry_by_time ON audit_entry (occurred_at);
      ALTER TABLE audit_entry ALTER COLUMN key_id SET (n_distinct = 1000);
    `);
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}
