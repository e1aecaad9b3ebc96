/** Kafka, Postgres with an empty database, and a chain: what a submitter needs. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { type StackFolders, stackFolders } from '../../../../deploy/embedded/files/stack-folders';
import { type Infrastructure, startInfrastructure } from '../../../../deploy/embedded/parts/infrastructure';
import { freePorts } from '../../../../deploy/embedded/ports/free-ports';
import { ProcessGuard } from '../../../../deploy/embedded/processes/process-guard';
import { Supervisor } from '../../../../deploy/embedded/processes/supervisor';
import { silentProgress } from '../../../../deploy/embedded/terminal/progress';
import { LocalChain } from './local-chain';

export class Foundation {
  private constructor(
    readonly chain: LocalChain,
    readonly brokers: string[],
    readonly databaseUrl: string,
    private readonly supervisor: Supervisor,
    private readonly guard: ProcessGuard,
  ) {}

  /** @param folder empty */
  static async start(folder: string): Promise<Foundation> {
    const folders = stackFolders(folder);
    const guard = await ProcessGuard.start();
    const supervisor = new Supervisor(guard, folders.logs, () => undefined);
    const chain = await LocalChain.start(join(folders.data, 'chain.json'));
    try {
      const { brokers, databaseUrl } = await startServers(supervisor, folders, chain);
      return new Foundation(chain, brokers, await createDatabase(databaseUrl), supervisor, guard);
    } catch (error) {
      await chain.stop();
      await supervisor.stop();
      await guard.release();
      throw error;
    }
  }

  /** kill -9; its supervisor starts it again after a second. */
  killPostgres(): void {
    const postgres = this.supervisor.running.find(({ part }) => part.name === 'postgres');
    if (postgres !== undefined) process.kill(postgres.pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.chain.stop();
    await this.supervisor.stop();
    await this.guard.release();
  }
}

async function startServers(
  supervisor: Supervisor,
  folders: StackFolders,
  chain: LocalChain,
): Promise<Infrastructure> {
  const [kafka = 0, postgres = 0] = await freePorts(2);
  const ports = { kafka, postgres, chain: 0 };
  return startInfrastructure(supervisor, folders, ports, silentProgress, { RPC_URLS: chain.url });
}

/** @returns the URL of a new database on a server */
async function createDatabase(server: string): Promise<string> {
  const name = `chaos_${randomBytes(4).toString('hex')}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
