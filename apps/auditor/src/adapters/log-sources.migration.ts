import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Which topics each log was made from: one, and those that were put in its place by hand. */
export class LogSources1791000000002 implements MigrationInterface {
  readonly name = 'LogSources1791000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE log_source (
        log integer NOT NULL,
        topic_id text NOT NULL,
        noted_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (log, topic_id)
      );
      CREATE TRIGGER log_source_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_source
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
    `);
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}
