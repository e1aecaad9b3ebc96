import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What one actor did of one type, in order. By the index of either alone, whoever asks for two that seldom or never come
 * together would have all entries of one of them read.
 */
export class ActorAndType1791000000003 implements MigrationInterface {
  readonly name = 'ActorAndType1791000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX audit_entry_by_actor_and_type ON audit_entry (actor, type, log, index)');
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}
