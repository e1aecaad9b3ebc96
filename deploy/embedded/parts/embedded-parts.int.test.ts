import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePorts } from '../ports/free-ports';
import { until } from '../processes/until';
import { stackShape } from '../stack/stack-shape';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { callChain, chainPart, fundOnLocalChain } from './chain';
import { prepareDatabases } from './databases';
import { postgresPart, superuserUrl } from './postgres';

const ADDRESS = '0x00000000000000000000000000000000000000aa';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded parts', () => {
  let stack: TemporaryStack;
  beforeEach(async () => {
    stack = await temporaryStack();
  });
  afterEach(() => stack.end());

  it('keeps what the databases of the services hold when Postgres is killed', async () => {
    const [port = 0] = await freePorts(1);
    const postgres = { folder: join(stack.folders.data, 'postgres'), port, password: 'only-for-this-test' };
    await stack.supervisor.start(postgresPart(postgres));
    const shape = stackShape(1, 2, 2);
    const prepared = await prepareDatabases(superuserUrl(postgres), stack.folders, shape);
    const node1 = prepared.owners.nodes.get('node-1') ?? '';
    await query(node1, 'CREATE TABLE kept (n int)');
    expect(await prepareDatabases(superuserUrl(postgres), stack.folders, shape)).toEqual(prepared);
    expect(await query(node1, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);

    process.kill(stack.pid(), 'SIGKILL');
    await until('Postgres', () => query(node1, 'SELECT n FROM kept'), { timeoutMs: 30_000, everyMs: 200 });
  }, 60_000);

  it('keeps balances when the chain is killed, even when its state file was cut in two', async () => {
    const [port = 0] = await freePorts(1);
    const chain = { folder: join(stack.folders.data, 'chain'), port };
    const url = `http://127.0.0.1:${port}`;
    const balance = async () => BigInt(String(await callChain(url, 'eth_getBalance', [ADDRESS, 'latest'])));
    const block = async () => Number(await callChain(url, 'eth_blockNumber', []));
    const killAndReturn = async (before: () => void) => {
      const reached = await block();
      // State is written once a second, and copied every other second.
      await until('five blocks', async () => expect(await block()).toBeGreaterThan(reached + 4), {
        timeoutMs: 15_000,
      });
      const pid = stack.pid();
      process.kill(pid, 'SIGKILL');
      await until(
        'its end',
        () =>
          balance().then(
            () => Promise.reject(new Error('alive')),
            () => undefined,
          ),
        {
          timeoutMs: 5000,
          everyMs: 5,
        },
      );
      before();
      await until('the chain', balance, { timeoutMs: 20_000 });
    };
    await stack.supervisor.start(chainPart(chain));
    await fundOnLocalChain(url, ADDRESS, 42n);
    const firstBlock = () => callChain(url, 'eth_getBlockByNumber', ['0x0', false]);
    const began = await firstBlock();

    for (const before of [
      () => undefined,
      () => writeFileSync(join(chain.folder, 'state.json'), '{"block":'),
    ]) {
      await killAndReturn(before);
      expect(await balance()).toBe(42n);
      expect(await firstBlock()).toEqual(began);
    }
  }, 60_000);
});
