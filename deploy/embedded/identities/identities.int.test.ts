import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityJwk } from '@quorate/platform';
import { readPolicy } from '@quorate/policy';
import { type StackFolders, stackFolders } from '../files/stack-folders';
import { stackShape } from '../stack/stack-shape';
import { prepareCertificates } from './certificates';
import { prepareIdentities } from './identity-files';

interface Peers {
  peers: { kid: string; role: string; publicKey: { x: string } }[];
}

const mode = (file: string) => statSync(file).mode & 0o777;
const readPeers = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as Peers).peers;

describe('who is who', () => {
  let folders: StackFolders;
  beforeEach(() => {
    folders = stackFolders(mkdtempSync(join(tmpdir(), 'quorate-test-')));
  });
  afterEach(() => rmSync(folders.root, { recursive: true, force: true }));

  it('keeps identities, secret to others, and adds those of new nodes', () => {
    const small = prepareIdentities(folders, stackShape(1, 2, 2), '31337');
    const before = readPeers(small.peers);
    const large = prepareIdentities(folders, stackShape(2, 3, 2), '31337');
    const after = readPeers(large.peers);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.map(({ kid, role }) => `${kid} ${role}`)).toEqual([
      'coordinator-1 coordinator',
      'coordinator-2 coordinator',
      'node-1 node',
      'node-2 node',
      'node-3 node',
      'submitter submitter',
      'auditor auditor',
    ]);
    for (const { privateKeyFile } of large.identities.values()) expect(mode(privateKeyFile)).toBe(0o600);
    for (const file of large.sealKeys.values()) {
      expect(mode(file)).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('makes policies that nodes read, with every kind of payload but raw digests for the demo requester', () => {
    const { policies } = prepareIdentities(folders, stackShape(1, 2, 2), '31337');
    for (const [node, file] of policies) {
      const { requesters } = readPolicy(readFileSync(file, 'utf8'), file);
      expect([node, requesters.get('demo')?.entry]).toEqual([
        node,
        expect.objectContaining({
          ...{ keys: ['*'], paths: ['*'], chains: ['31337'], rawDigests: false },
          payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'bytes', 'evm-intent'],
          transactions: {
            31337: expect.objectContaining({ contractCreation: true, destinations: ['*'] }) as object,
          },
        }),
      ]);
    }
  });

  it('keeps former keys, and an entry that is a step ahead of its private key', () => {
    const shape = stackShape(1, 2, 2);
    const { peers } = prepareIdentities(folders, shape, '31337');
    const jwk = () => identityJwk(generateKeyPairSync('ed25519').publicKey);
    const until = '2026-12-01T12:00:00Z';
    const entries = readPeers(peers).map(({ publicKey, ...entry }) => {
      if (entry.kid === 'node-1') return { ...entry, publicKey, formerKeys: [{ publicKey: jwk(), until }] };
      // Announced, and its private key is not in its place yet.
      if (entry.kid === 'node-2') return { ...entry, publicKey: jwk(), formerKeys: [{ publicKey, until }] };
      // Of an installation before this one.
      return { ...entry, publicKey: entry.kid === 'auditor' ? jwk() : publicKey };
    });
    writeFileSync(peers, JSON.stringify({ peers: entries }));
    prepareIdentities(folders, shape, '31337');
    const kept = readPeers(peers);
    expect(kept.filter(({ kid }) => kid !== 'auditor')).toEqual(
      entries.filter(({ kid }) => kid !== 'auditor'),
    );
    expect(kept.find(({ kid }) => kid === 'auditor')).not.toEqual(
      entries.find(({ kid }) => kid === 'auditor'),
    );
  });

  it('leaves an edited policy alone', () => {
    const shape = stackShape(1, 2, 2);
    const policy = prepareIdentities(folders, shape, '31337').policies.get('node-1') ?? '';
    writeFileSync(policy, '{"mine":true}');
    prepareIdentities(folders, shape, '31337');
    expect(readFileSync(policy, 'utf8')).toBe('{"mine":true}');
  });

  it('issues certificates with CN = kid for this machine, by one authority, once', async () => {
    const kids = ['coordinator-1', 'operator'];
    const files = await prepareCertificates(folders, kids);
    for (const [kid, { caFile, certFile, keyFile }] of files) {
      const authority = new X509Certificate(readFileSync(caFile));
      const certificate = new X509Certificate(readFileSync(certFile));
      expect(certificate.subject).toBe(`CN=${kid}`);
      expect(certificate.verify(authority.publicKey)).toBe(true);
      expect(certificate.checkHost('localhost')).toBe('localhost');
      expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
      expect(mode(keyFile)).toBe(0o600);
    }
    const serial = () =>
      new X509Certificate(readFileSync(files.get('operator')?.certFile ?? '')).serialNumber;
    const first = serial();
    await prepareCertificates(folders, [...kids, 'node-1']);
    expect(serial()).toBe(first);
  });
});
