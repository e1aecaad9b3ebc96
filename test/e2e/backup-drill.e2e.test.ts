/** The drill of docs/backup.md: a node loses its database, and comes back from its backup. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ForeignClient } from './foreign-client';
import { quorate } from './operator';
import { allReady, readStack } from './running-stack';

const LOST = 'node-3';

jest.setTimeout(300_000);

describe('a node that lost its database', () => {
  const client = new ForeignClient(readStack());
  const folder = mkdtempSync(join(tmpdir(), 'quorate-drill-'));
  const file = (name: string) => join(folder, name);
  const { keyId } = readStack().key;

  beforeAll(async () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    writeFileSync(file('recovery.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(file('recovery.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await client.connect();
  }, 60_000);
  afterAll(async () => {
    await client.close();
    rmSync(folder, { recursive: true });
  });

  const signs = async () => {
    const request = client.request({ kind: 'eip191', message: '0x6472696c6c' });
    await client.send('mpc.requests', request.requestId, request);
    const { json } = await client.finalOf(request.requestId);
    expect(json).toMatchObject({ type: 'quorate.sign.completed.v1' });
    return json;
  };
  const restore = () =>
    quorate<object>(
      'node',
      'restore',
      LOST,
      '--from',
      file('backup.json'),
      '--recovery-key',
      file('recovery.pem'),
    );

  it('comes back from its backup and signs again after a refresh', async () => {
    const backup = await quorate<{ keys: { keyId: string }[] }>(
      ...['node', 'backup', LOST, '--recovery-key', file('recovery.pub.pem'), '--out', file('backup.json')],
    );
    expect(backup.keys.map((key) => key.keyId)).toContain(keyId);
    expect(readFileSync(file('backup.json'), 'utf8')).not.toContain('PRIVATE');

    await loseDatabase();
    await whileStopped(restore());
    await untilReady();
    for (const key of backup.keys) await quorate('keys', 'refresh', key.keyId);

    // With another node away, every signature needs the one that came back.
    const pid = readStack().processes['node-1']?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      expect((await signs()).committee).toEqual(['node-2', LOST]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('is not given shares of an epoch that is over', async () => {
    const failure: unknown = await restore().catch((error: unknown) => error);
    expect(failure).toMatchObject({ stdout: expect.stringContaining('quorate keys reshare') as string });
    await signs();
  });

  /** All that the node keeps is gone, as if its disk were new. */
  async function loseDatabase(): Promise<void> {
    const { databaseOwners, processes } = readStack();
    process.kill(processes[LOST]?.pid ?? 0, 'SIGKILL');
    const database = new Client({ connectionString: databaseOwners.nodes[LOST] });
    await database.connect();
    await database.query('DROP OWNED BY CURRENT_USER');
    await database.end();
  }

  /** Stops the node whenever the stack's supervision has started it again. */
  async function whileStopped(work: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = () => (isOver = true);
    work.then(end, end);
    let stopped: number | undefined;
    while (!isOver) {
      const pid = readStack().processes[LOST]?.pid;
      if (pid !== undefined && pid !== stopped && isAlive(pid)) process.kill((stopped = pid), 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await work;
  }

  function isAlive(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  async function untilReady(): Promise<void> {
    for (const end = Date.now() + 120_000; Date.now() < end;) {
      const health = readStack().processes[LOST]?.health;
      if (health !== undefined && (await allReady([health]))) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`${LOST} was not ready again`);
  }
});
