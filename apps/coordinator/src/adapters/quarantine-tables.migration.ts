import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** How the nodes stand, and which keys ran out of presignatures. */
export class QuarantineTables1764100000001 implements MigrationInterface {
  readonly name = 'QuarantineTables1764100000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE node_standing (
        node text PRIMARY KEY,
        standing jsonb NOT NULL
      ) WITH (fillfactor = 50);
      CREATE TABLE exhausted_stock (
        key_id text PRIMARY KEY,
        since timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE exhausted_stock, node_standing');
  }
}
