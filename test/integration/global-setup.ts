import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startContainerInfrastructure } from '../../deploy/containers/container-infrastructure';
import { testBackend } from '../../deploy/containers/test-backend';
import { startInfrastructureOnly } from '../../deploy/embedded/parts/infrastructure-only';
import { stackFolders } from '../../deploy/embedded/files/stack-folders';
import { freePorts } from '../../deploy/embedded/ports/free-ports';

declare global {
  var quorateIntegrationEnd: (() => Promise<void>) | undefined;
}

/**
 * Starts Kafka, Postgres and the chain once for all integration tests, on free ports, in containers or as processes with a
 * temporary folder (QUORATE_TEST_BACKEND), and names them in KAFKA_BROKERS, DATABASE_URL (a superuser: tests create databases
 * of their own) and RPC_URLS. What the environment already names is used as it is.
 */
export default async function setUp(): Promise<void> {
  const isNamed = ['KAFKA_BROKERS', 'DATABASE_URL', 'RPC_URLS'].some((name) => process.env[name]);
  const backend = isNamed ? 'embedded' : await testBackend((text) => console.error(`  ${text}`));
  const running = backend === 'containers' ? await startContainers() : await startProcesses();
  process.env['KAFKA_BROKERS'] = running.brokers.join(',');
  process.env['DATABASE_URL'] = running.databaseUrl;
  process.env['RPC_URLS'] = running.rpcUrls.join(',');
  globalThis.quorateIntegrationEnd = () => running.stop();
}

async function startContainers() {
  const [kafka = 0, postgres = 0, chain = 0] = await freePorts(3);
  return startContainerInfrastructure({ kafka, postgres, chain });
}

async function startProcesses() {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-int-'));
  const running = await startInfrastructureOnly(stackFolders(folder));
  const stop = async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...running, stop };
}
