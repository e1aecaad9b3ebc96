import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInfrastructureOnly } from '../../deploy/embedded/parts/infrastructure-only';
import { stackFolders } from '../../deploy/embedded/files/stack-folders';

declare global {
  var quorateIntegrationEnd: (() => Promise<void>) | undefined;
}

/**
 * Starts Kafka, Postgres and the chain once for all integration tests, on free ports and in a temporary folder, and names them in
 * KAFKA_BROKERS, DATABASE_URL (a superuser: tests create databases of their own) and RPC_URLS.
 * What the environment already names is used as it is.
 */
export default async function setUp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-int-'));
  const running = await startInfrastructureOnly(stackFolders(folder));
  process.env['KAFKA_BROKERS'] = running.brokers.join(',');
  process.env['DATABASE_URL'] = running.databaseUrl;
  process.env['RPC_URLS'] = running.rpcUrls.join(',');
  globalThis.quorateIntegrationEnd = async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
