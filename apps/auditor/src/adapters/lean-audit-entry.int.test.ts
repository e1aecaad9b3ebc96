import { DataSource, type MigrationInterface } from 'typeorm';
import { createTestDatabase } from '../../../../test/integration/database';
import { AuditTables1764000000000 } from './audit-tables.migration';
import { type EntryRow, toEntry } from './entry-row';
import { LeanAuditEntry1764000000001 } from './lean-audit-entry.migration';

async function migrated(
  url: string,
  migrations: (new () => MigrationInterface)[],
  use: (source: DataSource) => Promise<void>,
): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url, migrations }).initialize();
  try {
    await source.runMigrations();
    await use(source);
  } finally {
    await source.destroy();
  }
}

test('a log of an earlier version keeps its entries, and stays append-only', async () => {
  const database = await createTestDatabase();
  const headers = { jws: Buffer.from('a..b'), ce_id: Buffer.from([0, 0xff]) };
  try {
    await migrated(database.url, [AuditTables1764000000000], async (source) => {
      await source.query(
        `INSERT INTO audit_entry (log, index, gap, value, headers, verified) VALUES (0, 7, false, $1, $2, true)`,
        [Buffer.from('{}'), { jws: headers.jws.toString('base64'), ce_id: headers.ce_id.toString('base64') }],
      );
    });
    await migrated(database.url, [AuditTables1764000000000, LeanAuditEntry1764000000001], async (source) => {
      const [row] = await source.query<EntryRow[]>('SELECT * FROM audit_entry');
      expect(row && toEntry(row)).toMatchObject({ log: 0, index: 7n, value: Buffer.from('{}'), headers });
      await expect(source.query('DELETE FROM audit_entry')).rejects.toThrow(/append-only/);
    });
  } finally {
    await database.drop();
  }
});
