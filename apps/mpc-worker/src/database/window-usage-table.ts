import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What requesters used of the sliding windows of this node's policy, by slots of time. */
export class WindowUsageTable1764100000000 implements MigrationInterface {
  readonly name = 'WindowUsageTable1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE window_usage (
        account text NOT NULL,
        meter text NOT NULL,
        slot bigint NOT NULL,
        amount numeric NOT NULL CHECK (amount > 0),
        PRIMARY KEY (account, meter, slot)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE window_usage');
  }
}
