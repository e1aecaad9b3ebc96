import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** One outbox row per transaction, with all its records, instead of one per record. */
export class PackOutbox1700000000001 implements MigrationInterface {
  readonly name = 'PackOutbox1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    const left: unknown = await runner.query('SELECT FROM outbox LIMIT 1');
    if (Array.isArray(left) && left.length > 0) {
      throw new Error(
        'the outbox still has records of an earlier version: start that version until it has published them, then stop it',
      );
    }
    await runner.query('DROP TABLE outbox');
    await runner.query(`
      CREATE TABLE outbox (
        id bigserial PRIMARY KEY,
        owner bigint NOT NULL,
        streams text[] NOT NULL,
        records bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
    await runner.query('ALTER TABLE outbox ALTER COLUMN records SET STORAGE EXTERNAL');
    await runner.query('ALTER TABLE event ALTER COLUMN value SET STORAGE EXTERNAL');
    await runner.query('CREATE INDEX outbox_owner ON outbox (owner, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox');
  }
}
