import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../logging/logger';
import { identityJwk, loadIdentityKey } from './identity-key';
import { PeerDirectory } from './peer-directory';
import { type Ed25519Jwk } from './public-key';
import { RequesterDirectory } from './requester-directory';

const logger = createLogger('test', 'silent');
const registerSwc = join(__dirname, '../../../event-store/src/testing/register-swc.cjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-identity-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function jwk(): Ed25519Jwk {
  return identityJwk(generateKeyPairSync('ed25519').privateKey);
}

describe('loadIdentityKey', () => {
  it('reads a PKCS#8 PEM', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const file = write('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(identityJwk(loadIdentityKey(file))).toEqual(identityJwk(privateKey));
  });

  it('refuses another kind of key, and does not show it', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const file = write('key.pem', pem);
    expect(() => loadIdentityKey(file)).toThrow(`${file} does not hold an Ed25519 key`);
  });

  it('names the missing file', () => {
    expect(() => loadIdentityKey(join(folder, 'none.pem'))).toThrow(/none\.pem cannot be read/);
  });
});

describe('identityJwk', () => {
  it('is the public half of RFC 8037, appendix A, of either half', () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';
    const jwk = { kty: 'OKP', crv: 'Ed25519', x };
    expect(identityJwk(createPublicKey({ key: jwk, format: 'jwk' }))).toEqual(jwk);
    expect(identityJwk(createPrivateKey({ key: { ...jwk, d }, format: 'jwk' }))).toEqual(jwk);
  });

  it('refuses another kind of key', () => {
    expect(() => identityJwk(generateKeyPairSync('x25519').publicKey)).toThrow('an Ed25519 key');
  });

  it('is made while memory is collected, too', () => {
    const script = `
      const { generateKeyPairSync } = require('node:crypto');
      const { identityJwk } = require('./identity-key');
      for (let n = 0; n < 5_000; n += 1) identityJwk(generateKeyPairSync('ed25519').privateKey);`;
    // Many small collections. By Node's own JWK this never comes to its end.
    const options = ['--max-semi-space-size=1', '--require', registerSwc, '--eval', script];
    const { status } = spawnSync(process.execPath, options, {
      cwd: __dirname,
      stdio: 'inherit',
      timeout: 60_000,
    });
    expect(status).toBe(0);
  }, 70_000);
});

describe('PeerDirectory', () => {
  it('finds keys by kid and role', () => {
    const file = write('peers.json', {
      peers: [
        { kid: 'node-1', role: 'node', publicKey: jwk() },
        { kid: 'coordinator-1', role: 'coordinator', publicKey: jwk() },
      ],
    });
    const peers = PeerDirectory.load(file);
    expect(peers.lookup()('node-1')).toBeDefined();
    expect(peers.lookup('coordinator')('node-1')).toBeUndefined();
    expect(peers.lookup()('node-9')).toBeUndefined();
    expect(peers.withRole('node').map((peer) => peer.kid)).toEqual(['node-1']);
  });

  it.each([
    [
      'a key twice',
      { peers: [0, 1].map(() => ({ kid: 'a', role: 'node', publicKey: jwk() })) },
      'every kid once',
    ],
    ['a wrong key', { peers: [{ kid: 'a', role: 'node', publicKey: { kty: 'OKP' } }] }, 'peers.0.publicKey'],
    ['a wrong role', { peers: [{ kid: 'a', role: 'king', publicKey: jwk() }] }, 'peers.0.role'],
    ['no JSON', '{', 'JSON'],
  ])('names PEERS_FILE and the fault: %s', (_, content, expected) => {
    const file = write('peers.json', content);
    expect(() => PeerDirectory.load(file)).toThrow(/PEERS_FILE/);
    expect(() => PeerDirectory.load(file)).toThrow(expected);
  });
});

describe('RequesterDirectory', () => {
  const alice = { kid: 'alice', role: 'client', publicKey: jwk() };
  const bob = { kid: 'bob', role: 'client', publicKey: jwk() };

  it('sees a new requester after a reload', () => {
    const file = write('requesters.json', { requesters: [alice] });
    const directory = RequesterDirectory.load(file, logger);
    try {
      expect(directory.requester('bob')).toBeUndefined();
      write('requesters.json', { requesters: [alice, bob] });
      directory.reload();
      expect(directory.requester('bob')?.role).toBe('client');
    } finally {
      directory.close();
    }
  });

  it('says whose accounts a requester may ask to spend from', () => {
    const requesters = [alice, { ...bob, keys: ['k_1'] }, { ...alice, kid: 'carol', keys: [] }];
    const directory = RequesterDirectory.load(write('requesters.json', { requesters }), logger);
    try {
      const may = (kid: string) => ['k_1', 'k_2'].filter((keyId) => directory.mayUse(kid, keyId));
      expect(['alice', 'bob', 'carol', 'nobody'].map(may)).toEqual([['k_1', 'k_2'], ['k_1'], [], []]);
    } finally {
      directory.close();
    }
  });

  it('reloads on SIGHUP', async () => {
    const file = write('requesters.json', { requesters: [alice] });
    const directory = RequesterDirectory.load(file, logger);
    try {
      write('requesters.json', { requesters: [bob] });
      process.emit('SIGHUP', 'SIGHUP');
      expect(directory.requester('bob')).toBeDefined();
    } finally {
      directory.close();
    }
  });

  it('keeps the old content when the new one is invalid', () => {
    const file = write('requesters.json', { requesters: [alice] });
    const directory = RequesterDirectory.load(file, logger);
    try {
      write('requesters.json', '{ "requesters": 7 }');
      directory.reload();
      expect(directory.requester('alice')).toBeDefined();
    } finally {
      directory.close();
    }
  });
});
