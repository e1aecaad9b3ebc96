import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What is kept about keys beyond their creation: epochs, refreshes, reshares, re-keys, the end. */
export class KeyLifeTables1764200000000 implements MigrationInterface {
  readonly name = 'KeyLifeTables1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE key_order
        ADD kind text NOT NULL DEFAULT 'create',
        ADD key_id text,
        ADD epoch integer NOT NULL DEFAULT 0,
        ADD expiry timestamptz,
        ADD attempts integer NOT NULL DEFAULT 0,
        ADD since timestamptz NOT NULL DEFAULT now();
      CREATE UNIQUE INDEX key_order_changing ON key_order (key_id)
        WHERE kind IN ('refresh', 'reshare') AND status NOT IN ('usable', 'failed');

      ALTER TABLE ceremony ADD quorum jsonb, ADD pair_counter integer;

      CREATE TABLE key_life (
        key_id text PRIMARY KEY,
        certified jsonb NOT NULL,
        last_epoch integer NOT NULL,
        certified_at timestamptz NOT NULL DEFAULT now(),
        refreshed_at timestamptz,
        retirement jsonb
      );
      INSERT INTO key_life (key_id, certified, last_epoch, certified_at)
        SELECT key_id, facts, (facts->>'epoch')::int, usable_at FROM usable_key;

      CREATE TABLE key_party (
        key_id text NOT NULL,
        node text NOT NULL,
        party integer NOT NULL,
        PRIMARY KEY (key_id, node)
      );
      INSERT INTO key_party (key_id, node, party)
        SELECT key_id, node, place FROM usable_key,
          jsonb_array_elements_text(facts->'participants') WITH ORDINALITY AS member (node, place);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE key_party, key_life;
      ALTER TABLE ceremony DROP quorum, DROP pair_counter;
      DROP INDEX key_order_changing;
      ALTER TABLE key_order DROP kind, DROP key_id, DROP epoch, DROP expiry, DROP attempts, DROP since;
    `);
  }
}
