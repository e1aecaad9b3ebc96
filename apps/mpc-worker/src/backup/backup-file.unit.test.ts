import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeBackup, openBackup, readRecoveryKey, sealBackup } from './backup-file';

const recovery = generateKeyPairSync('x25519');
const share = Buffer.alloc(200, 0xa5);
const backup: NodeBackup = {
  node: 'node-1',
  createdAt: '2026-11-21T12:00:00.000Z',
  shares: [{ keyId: 'k_1', epoch: 3, encoded: share }],
};

test('opens with the private recovery key, and says what is in it without one', async () => {
  const file = await sealBackup(backup, recovery.publicKey);
  expect(await openBackup(Buffer.from(file), recovery.privateKey)).toEqual(backup);
  expect(JSON.parse(file)).toMatchObject({
    type: 'quorate.node.backup.v1',
    node: 'node-1',
    keys: [{ keyId: 'k_1', epoch: 3 }],
  });
});

test('the share is nowhere in the file', async () => {
  const file = await sealBackup(backup, recovery.publicKey);
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    expect(file).not.toContain(share.subarray(0, 30).toString(encoding));
  }
});

test.each([
  ['another recovery key', (file: string) => file, generateKeyPairSync('x25519').privateKey],
  ['an altered ciphertext', (file: string) => file.replace(/.{8}"\n\}/, 'AAAAAAAA"\n}'), recovery.privateKey],
  ['no JWE', (file: string) => JSON.stringify({ ...JSON.parse(file), jwe: 'a.b.c' }), recovery.privateKey],
])('%s opens nothing', async (_name, alter, key) => {
  const file = alter(await sealBackup(backup, recovery.publicKey));
  await expect(openBackup(Buffer.from(file), key)).rejects.toThrow(/does not open with this recovery key/);
});

test.each(['', 'no json', '[]', '{}', '{"type":"quorate.node.backup.v2"}'])(
  '%j is no backup',
  async (text) => {
    await expect(openBackup(Buffer.from(text), recovery.privateKey)).rejects.toThrow(/is no backup/);
  },
);

describe('recovery keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-recovery-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, pem: string | Buffer) => {
    const file = join(folder, name);
    writeFileSync(file, pem);
    return file;
  };
  const privatePem = recovery.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const publicPem = recovery.publicKey.export({ type: 'spki', format: 'pem' });

  test('each half is read from its own file', () => {
    expect(readRecoveryKey(write('public.pem', publicPem), 'public').type).toBe('public');
    expect(readRecoveryKey(write('private.pem', privatePem), 'private').type).toBe('private');
  });

  test('a node is not given the private half', () => {
    expect(() => readRecoveryKey(write('private.pem', privatePem), 'public')).toThrow(/keep that away/);
  });

  test('another kind of key, or none, names the file', () => {
    const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    expect(() => readRecoveryKey(write('other.pem', ed25519), 'public')).toThrow(/other.pem.*ed25519/);
    expect(() => readRecoveryKey(join(folder, 'none.pem'), 'public')).toThrow(/none.pem/);
  });
});
