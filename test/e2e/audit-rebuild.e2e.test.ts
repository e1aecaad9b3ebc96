import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { callApi } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

interface Rebuilt {
  ok: boolean;
  checkpoint: { size: number; root: string };
  rebuilt: { root: string; logs: { log: number; size: number }[] };
  error?: { code: string };
}

jest.setTimeout(120_000);

describe('the audit log, rebuilt from the topic', () => {
  const stack = readStack();
  const folder = mkdtempSync(join(tmpdir(), 'quorate-rebuild-'));
  const databaseFile = join(folder, 'url.txt');
  let server: Client;

  /** What the command says, also when it fails. */
  const rebuild = (...options: string[]): Promise<Rebuilt> =>
    quorate<Rebuilt>('audit', 'rebuild', '--database-file', databaseFile, ...options).catch(
      (failure: { stdout?: string }) => {
        if (failure.stdout) return JSON.parse(failure.stdout) as Rebuilt;
        throw failure;
      },
    );

  beforeAll(async () => {
    const url = new URL(stack.databaseOwners.server);
    server = new Client({ connectionString: url.href });
    await server.connect();
    await server.query('CREATE DATABASE rebuilt');
    url.pathname = '/rebuilt';
    writeFileSync(databaseFile, `${url.href}\n`, { mode: 0o600 });
  });
  afterAll(async () => {
    await server.query('DROP DATABASE rebuilt WITH (FORCE)');
    await server.end();
    rmSync(folder, { recursive: true });
  });

  it('has the root of the running auditor, and is told from another history that the same key signed', async () => {
    const rebuilt = await rebuild();
    expect(rebuilt).toMatchObject({ ok: true, rebuilt: { root: rebuilt.checkpoint.root } });
    expect(rebuilt.checkpoint.size).toBeGreaterThan(0);
    expect(rebuilt.rebuilt.logs[0]?.size).toBeGreaterThanOrEqual(rebuilt.checkpoint.size);
    expect(await rebuild()).toMatchObject({ error: { code: 'not-empty' } });

    const { size } = rebuilt.checkpoint;
    const [origin = '', keyId = ''] = (stack.audit.logKeys[0] ?? '').split('+');
    const text = `${origin}\n${size}\n${Buffer.alloc(32, 7).toString('base64')}\n`;
    const key = createPrivateKey(readFileSync(stack.auditorEnvironment['IDENTITY_KEY_FILE'] ?? ''));
    const signature = Buffer.concat([Buffer.from(keyId, 'hex'), sign(null, Buffer.from(text), key)]);
    const forged = join(folder, 'forged.txt');
    writeFileSync(forged, `${text}\n\u2014 ${origin} ${signature.toString('base64')}\n`);
    const differs = await rebuild('--continue', '--checkpoint', forged);
    expect(differs).toMatchObject({ ok: false, rebuilt: { root: expect.any(String) as string } });
    expect(differs.rebuilt.root).not.toBe(differs.checkpoint.root);
  });

  it('believes no checkpoint that the log did not sign', async () => {
    const note = await (await callApi(stack.audit, '/v1/checkpoint')).text();
    const file = join(folder, 'unsigned.txt');
    writeFileSync(file, note.replace(/^(.*\n)\d+/, '$17'));
    expect(await rebuild('--continue', '--checkpoint', file)).toMatchObject({ error: { code: 'malformed' } });
  });
});
