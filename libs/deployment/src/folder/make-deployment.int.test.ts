import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type * as Fs from 'node:fs';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityJwk, PeerDirectory, readJsonFile, requestersFile } from '@quorate/platform';
import { readPolicy } from '@quorate/policy';
import { filesOf } from '../testing/files-of';
import { deploymentLayout } from './layout';
import { makeDeployment, type MakeOptions } from './make-deployment';
import { type WantedDeployment } from './wanted';

jest.setTimeout(60_000);

/** How many files may still be completed before the process "dies"; all by default. */
let left = Infinity;
jest.mock('node:fs', () => {
  const fs = jest.requireActual<typeof Fs>('node:fs');
  const renamed: typeof Fs.renameSync = (from, to) => {
    if (left === 0) throw new Error('killed');
    left -= 1;
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync: renamed };
});

const OPTIONS: MakeOptions = {
  ports: {
    kafka: 9092,
    chain: 8545,
    grpc: 50051,
    coordinator: 8081,
    submitter: 8082,
    auditor: 8083,
    nodes: [8091],
  },
  user: { uid: 1000, gid: 1000 },
  variables: {},
};
const PUBLIC =
  /(^|\/)(ca|tls|broker|admin)\.pem$|^(deployment|common\/\w+)\.json$|policy\.json$|verifier$|\.env$|\.gitignore$/;

describe('a deployment folder', () => {
  let temporary = '';
  let root = '';
  beforeEach(() => {
    left = Infinity;
    temporary = mkdtempSync(join(tmpdir(), 'quorate-test-'));
    root = join(temporary, 'deployment');
  });
  afterEach(() => {
    left = Infinity;
    rmSync(temporary, { recursive: true, force: true });
  });

  const make = (wanted: WantedDeployment = {}, options: Partial<MakeOptions> = {}) =>
    makeDeployment(root, wanted, { ...OPTIONS, ...options });
  const describeAs = (change: object) => {
    const { description } = deploymentLayout(root);
    const before = JSON.parse(readFileSync(description, 'utf8')) as object;
    writeFileSync(description, JSON.stringify({ ...before, ...change }));
  };
  const serial = (file: string) => new X509Certificate(readFileSync(file)).serialNumber;

  /** Everything that others believe of somebody is what is in their own folder. */
  const assertConsistent = (nodes = 3) => {
    const { service, common, operator, client, authority, kafka } = deploymentLayout(root);
    const peers = PeerDirectory.load(common.peers);
    const { requesters, operators } = readJsonFile(common.requesters, requestersFile);
    const own = (file: string) => identityJwk(createPrivateKey(readFileSync(file))).x;
    const x = (key: unknown) => identityJwk(key as KeyObject).x;
    const kids = ['coordinator-1', ...Array.from({ length: nodes }, (_, place) => `node-${place + 1}`)];
    const ca = new X509Certificate(readFileSync(authority.certFile));
    const assertIssued = (certFile: string, keyFile: string, kid: string) => {
      const certificate = new X509Certificate(readFileSync(certFile));
      expect(certificate.subject).toBe(`CN=${kid}`);
      expect(certificate.verify(ca.publicKey)).toBe(true);
      expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))).toBe(true);
    };
    for (const kid of [...kids, 'submitter', 'auditor']) {
      const files = service(kid);
      expect(x(peers.get(kid)?.publicKey)).toBe(own(files.identity));
      assertIssued(files.certFile, files.keyFile, kid);
      const [runtime, owner] = [files.database, files.databaseMigration].map((file) =>
        readFileSync(file, 'utf8'),
      );
      expect(runtime).toMatch(/^postgres:\/\/(quorate_\w+):[0-9a-f]{48}@postgres:5432\/\1$/);
      expect(owner).toMatch(/^postgres:\/\/(quorate_\w+)_owner:[0-9a-f]{48}@postgres:5432\/\1$/);
    }
    assertIssued(operator.certFile, operator.keyFile, 'operator');
    assertIssued(kafka.admin.certFile, kafka.admin.keyFile, 'kafka-admin');
    expect(readFileSync(kafka.ca, 'utf8')).toBe(readFileSync(common.ca, 'utf8'));
    expect(requesters.map(({ kid, publicKey }) => [kid, x(publicKey)])).toEqual([
      ['demo', own(client('demo').identity)],
      ['submitter', own(service('submitter').identity)],
    ]);
    expect(operators.map(({ publicKey }) => x(publicKey))).toEqual([own(operator.identity)]);
    for (const kid of kids.slice(1)) {
      const policy = service(kid).policy;
      const parsed = readPolicy(readFileSync(policy, 'utf8'), policy);
      expect([...parsed.requesters.keys()]).toEqual(['demo', 'submitter']);
    }
    const tokens = readFileSync(service('auditor').httpTokens, 'utf8');
    for (const file of [operator.auditToken, operator.witnessToken]) {
      expect(tokens).toContain(createHash('sha256').update(readFileSync(file)).digest('hex'));
    }
  };

  it('holds what everybody needs, and keeps secrets to its owner', async () => {
    await make();
    assertConsistent();
    for (const { path, mode, content } of filesOf(root)) {
      const isOpen = content === undefined ? /^(common|postgres)$/.test(path) : PUBLIC.test(path);
      const expected = content === undefined ? (isOpen ? '755' : '700') : isOpen ? '644' : '600';
      expect(`${path} ${mode}`).toBe(`${path} ${expected}`);
      if (isOpen) expect(content ?? '').not.toMatch(/PRIVATE KEY|postgres:\/\//);
    }
  });

  it('is the same after another run', async () => {
    await make({ nodes: 4, threshold: 3, hosts: ['example.org', '10.0.0.1'] });
    const before = filesOf(root);
    const { description } = await make();
    expect(description).toMatchObject({ threshold: 3, hosts: ['example.org', '10.0.0.1'] });
    expect(filesOf(root)).toEqual(before);
    const certificate = new X509Certificate(readFileSync(deploymentLayout(root).service('node-4').certFile));
    expect(certificate.checkHost('example.org')).toBe('example.org');
    expect(certificate.checkIP('10.0.0.1')).toBe('10.0.0.1');
  });

  it('is consistent when the run dies at any step and is repeated', async () => {
    const completes = async () => {
      left = 1;
      try {
        await make();
        return true;
      } catch (error) {
        if (String(error) !== 'Error: killed') throw error;
        return false;
      }
    };
    let deaths = 0;
    while (!(await completes())) deaths += 1;
    expect(deaths).toBeGreaterThan(60);
    assertConsistent();
    expect(filesOf(root).filter(({ path }) => /partial|lock/.test(path))).toEqual([]);
  });

  it('is not made where something else is', async () => {
    mkdirSync(root);
    writeFileSync(join(root, 'thesis.txt'), 'mine');
    await expect(make()).rejects.toMatchObject({
      code: 'folder',
      message: expect.stringContaining('thesis.txt') as string,
    });
    expect(filesOf(root)).toHaveLength(1);
  });

  it('is made by one process at a time; one that died does not count', async () => {
    const lock = join(root, 'init.lock');
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, '999999999'), '');
    writeFileSync(join(lock, String(process.ppid)), '');
    await expect(make()).rejects.toMatchObject({ code: 'busy' });
    rmSync(join(lock, String(process.ppid)));
    await make();
    assertConsistent();
  });

  it.each<[WantedDeployment, string]>([
    [{ nodes: 2, threshold: 3 }, '3 nodes cannot sign together where there are 2'],
    [{ clients: ['demo', 'demo'] }, 'cannot tell demo from demo'],
    [{ clients: ['node'] }, 'cannot tell node from node-1'],
  ])('is not made of %j', async (wanted, message) => {
    await expect(make(wanted)).rejects.toThrow(message);
  });

  it('keeps to what it was made for', async () => {
    await make();
    await expect(make({ nodes: 4 })).rejects.toThrow('nodes: 3, not 4');
    await make({ nodes: 3, clients: ['demo'] });
  });

  it('grows by what is added to its description', async () => {
    await make();
    const { service, common } = deploymentLayout(root);
    const policy = readFileSync(service('node-1').policy, 'utf8');
    describeAs({ nodes: ['node-1', 'node-2', 'node-3', 'node-4'], clients: ['demo', 'shop'] });
    await make();
    expect(PeerDirectory.load(common.peers).withRole('node')).toHaveLength(4);
    const { requesters } = readJsonFile(common.requesters, requestersFile);
    expect(requesters.map(({ kid }) => kid)).toEqual(['demo', 'submitter', 'shop']);
    expect(readFileSync(service('node-1').policy, 'utf8')).toBe(policy);
    const added = readPolicy(readFileSync(service('node-4').policy, 'utf8'), 'policy');
    expect([...added.requesters.keys()]).toEqual(['demo', 'shop', 'submitter']);
  });

  it('makes nothing anew for those whose folders have been moved to their own machines', async () => {
    await make();
    const { service, client, services, clients, common } = deploymentLayout(root);
    renameSync(service('node-2').folder, join(temporary, 'node-2'));
    renameSync(client('demo').folder, join(temporary, 'demo'));
    const peers = readFileSync(common.peers, 'utf8');
    expect((await make()).elsewhere).toEqual(['demo', 'node-2']);
    expect(filesOf(services).map(({ path }) => path)).not.toContain('node-2');
    expect(filesOf(clients)).toEqual([]);
    expect(readFileSync(common.peers, 'utf8')).toBe(peers);
  });

  it("asks for the authority's key when it has to issue something, and never makes another authority", async () => {
    await make();
    const { authority, service } = deploymentLayout(root);
    const before = serial(authority.certFile);
    renameSync(authority.keyFile, join(temporary, 'ca.key.pem'));
    await make();
    describeAs({ nodes: ['node-1', 'node-2', 'node-3', 'node-4'] });
    await expect(make()).rejects.toMatchObject({
      code: 'authority-key',
      message: expect.stringContaining(authority.keyFile) as string,
    });
    expect(serial(authority.certFile)).toBe(before);
    renameSync(join(temporary, 'ca.key.pem'), authority.keyFile);
    await make();
    expect(serial(service('node-4').certFile)).not.toBe('');
  });

  it('says so when an identity is not the one that others know', async () => {
    await make();
    const { service } = deploymentLayout(root);
    renameSync(service('node-1').identity, service('node-2').identity);
    await expect(make()).rejects.toMatchObject({ code: 'identity' });
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'made by root belongs to the user of the containers, but for what they do not read',
    async () => {
      await make({}, { containers: { uid: 4711, gid: 4711 } });
      for (const { path, uid } of filesOf(root)) {
        const isKept =
          /^(authority|stack\.json|compose\.env|\.gitignore)/.test(path) ||
          /^operator\/(?!kafka\.password)/.test(path) ||
          /^clients\/.*identity\.pem$/.test(path);
        expect(`${path} ${uid}`).toBe(`${path} ${isKept ? 0 : 4711}`);
      }
    },
  );
});
