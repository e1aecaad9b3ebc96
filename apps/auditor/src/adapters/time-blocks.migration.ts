import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { BLOCK } from './time-blocks';

/**
 * The earliest and latest time in each block of the log. Times follow the order of the log but for seconds, and a page is read
 * in the order of the log: blocks tell where to begin and to end, also together with every other filter. An index by time tells
 * only which entries match, in the wrong order.
 */
export class TimeBlocks1791000000001 implements MigrationInterface {
  readonly name = 'TimeBlocks1791000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_time_block (
        log integer NOT NULL,
        block bigint NOT NULL,
        earliest timestamptz,
        latest timestamptz,
        PRIMARY KEY (log, block)
      );
      INSERT INTO audit_time_block (log, block, earliest, latest)
        SELECT log, index / ${BLOCK}, min(occurred_at), max(occurred_at) FROM audit_entry
        GROUP BY log, index / ${BLOCK} HAVING count(*) = ${BLOCK};
      DROP INDEX audit_entry_by_time;
      CREATE TRIGGER audit_time_block_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_time_block
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
    `);
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}
