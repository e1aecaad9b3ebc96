import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The Merkle tree over the log, its signed heads, and what witnesses signed of them: inserted once and never changed. */
export class MerkleTree1764000000002 implements MigrationInterface {
  readonly name = 'MerkleTree1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tree_node (
        log integer NOT NULL,
        level smallint NOT NULL,
        index bigint NOT NULL,
        hash bytea NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (log, level, index)
      );
      CREATE TABLE checkpoint (
        log integer NOT NULL,
        size bigint NOT NULL,
        note text NOT NULL,
        issued_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (log, size)
      );
      CREATE TABLE cosignature (
        log integer NOT NULL,
        size bigint NOT NULL,
        witness text NOT NULL,
        line text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (log, size, witness),
        FOREIGN KEY (log, size) REFERENCES checkpoint
      );

      CREATE FUNCTION refuse_change_of_log() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
      END $$;
      CREATE TRIGGER tree_node_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_node
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
      CREATE TRIGGER checkpoint_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
      CREATE TRIGGER cosignature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
    `);
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}
