import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Batches of nonces of Schnorr keys beside those of presignatures. */
export class PresignMaterial1764300000000 implements MigrationInterface {
  readonly name = 'PresignMaterial1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE presign_batch ADD material text NOT NULL DEFAULT 'presignatures'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE presign_batch DROP material');
  }
}
