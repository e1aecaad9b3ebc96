import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signed frames of ceremonies that failed: public values, kept for whoever has to judge. */
export class FailureEvidenceTable1764400000000 implements MigrationInterface {
  readonly name = 'FailureEvidenceTable1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE failure_evidence (
        session_id bytea NOT NULL,
        frame_hash bytea NOT NULL,
        frame bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (session_id, frame_hash)
      );
      CREATE INDEX failure_evidence_age ON failure_evidence (received_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE failure_evidence');
  }
}
