import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createHash } from 'node:crypto';
import { type DeploymentLayout, makeDeployment } from '@quorate/deployment';
import { identityJwk, loadIdentityKey, PeerDirectory } from '@quorate/platform';
import { stackFile, type Stack } from '../stack/stack-file';
import { listThings } from './list';
import { placesOf } from './places';
import { openRotation, RotationFile, type Thing } from './rotation';
import { rotateUnit } from './rotate-unit';
import { deployed, Services } from './running-services';
import { partiesIn, unitsOf } from './units';

jest.setTimeout(60_000);

const PORTS = { kafka: 1, chain: 2, grpc: 3, coordinator: 4, submitter: 5, auditor: 6, nodes: [7, 8, 9] };

/** Services of a deployment that read their files at each question, and a program that notes what it is called with. */
class Deployed {
  private constructor(
    readonly layout: DeploymentLayout,
    readonly calls: string,
    private readonly program: string,
    private readonly servers: readonly Server[],
    readonly stack: Stack,
  ) {}

  static async make(): Promise<Deployed> {
    const root = mkdtempSync(join(tmpdir(), 'quorate-deployed-'));
    const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const { layout, description } = await makeDeployment(
      join(root, 'deployment'),
      { nodes: 3, coordinators: 2 },
      { ports: PORTS, user, variables: {} },
    );
    const kids = [...description.nodes, ...description.coordinators, 'submitter', 'auditor'];
    const servers = await Promise.all(kids.map((kid) => serve(layout, kid)));
    const calls = join(root, 'calls');
    const program = join(root, 'program');
    writeFileSync(program, `#!/bin/sh\necho "$@" >> ${calls}\n`);
    chmodSync(program, 0o755);
    const document = JSON.parse(readFileSync(layout.stack, 'utf8')) as object;
    const processes = Object.fromEntries(
      kids.map((kid, n) => [kid, { pid: 0, health: `http://127.0.0.1:${portOf(servers[n])}` }]),
    );
    const stack = { ...document, processes };
    writeFileSync(layout.stack, JSON.stringify(stack));
    return new Deployed(layout, calls, program, servers, stackFile.parse(stack));
  }

  async rotate(kids: string[], only: Thing[]): Promise<string[]> {
    rmSync(this.calls, { force: true });
    const places = placesOf(this.stack);
    const services = new (class extends Services {
      // There is no coordinator that could be asked.
      override takesWork = async () => undefined;
    })(() => this.stack);
    const file = new RotationFile(places.rotation);
    const rotation = openRotation(file, unitsOf(partiesIn(this.stack), kids, only), false, 24);
    for (const index of rotation.units.keys()) {
      await rotateUnit(index, file, {
        ...{ places, services, stackFile: this.layout.stack, roles: partiesIn(this.stack).roles },
        stack: () => this.stack,
        operations: deployed(this.layout.root, this.program, services),
        note: () => undefined,
      });
    }
    file.remove();
    return readFileSync(this.calls, 'utf8').trim().split('\n');
  }

  end(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(join(this.layout.root, '..'), { recursive: true });
  }
}

async function serve({ common, service }: DeploymentLayout, kid: string): Promise<Server> {
  const { policy } = service(kid);
  const server = createServer((_, response) => {
    const files = [common.peers, common.requesters, ...(existsSync(policy) ? [policy] : [])];
    const hashes = files.map((file) => [
      basename(file),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]);
    response.end(JSON.stringify({ status: 'ready', parts: [], files: Object.fromEntries(hashes) as object }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port;
}

describe('the folder of a deployment', () => {
  let deployment: Deployed;
  beforeAll(async () => {
    deployment = await Deployed.make();
  });
  afterAll(() => deployment.end());
  const text = (file: string) => readFileSync(file, 'utf8');

  it('gets new certificates and logins, service by service', async () => {
    const { layout } = deployment;
    const { certFile, keyFile } = layout.service('node-1');
    const [before, url] = [new X509Certificate(text(certFile)), text(layout.service('node-2').database)];
    const stack = JSON.parse(text(layout.stack)) as Stack;
    const things: Thing[] = ['tls', 'kafka', 'database', 'tokens'];
    expect(await deployment.rotate([], things)).toEqual([
      ...['prepare', 'restart node-1', 'prepare', 'restart node-2', 'prepare', 'restart node-3'],
      ...['prepare', 'restart coordinator-1', 'restart coordinator-2'],
      ...['prepare', 'restart submitter', 'prepare', 'restart auditor', 'prepare'],
    ]);
    const after = new X509Certificate(text(certFile));
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
    expect(after.subjectAltName).toBe(before.subjectAltName);
    expect(after.verify(new X509Certificate(text(layout.common.ca)).publicKey)).toBe(true);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(text(layout.service('node-2').database)).not.toBe(url);
    expect(new URL(text(layout.service('node-2').database)).host).toBe(new URL(url).host);
    // Coordinators share their database.
    expect(text(layout.service('coordinator-1').database)).toBe(
      text(layout.service('coordinator-2').database),
    );
    const renewed = JSON.parse(text(layout.stack)) as Stack;
    expect(renewed.kafka.operator.sasl?.password).toBe(text(layout.operator.kafkaPassword));
    expect(renewed.kafka.operator.sasl?.password).not.toBe(stack.kafka.operator.sasl?.password);
    expect(renewed.audit.token).toBe(text(layout.operator.auditToken));
    expect(renewed.audit.token).not.toBe(stack.audit.token);
  });

  it('pins new identities everywhere before their services have them', async () => {
    const { layout } = deployment;
    const before = identityJwk(loadIdentityKey(layout.service('submitter').identity));
    expect(await deployment.rotate(['submitter', 'operator'], ['identity'])).toEqual(['restart submitter']);
    const after = identityJwk(loadIdentityKey(layout.service('submitter').identity));
    expect(after.x).not.toBe(before.x);
    const pinned = PeerDirectory.load(layout.common.peers);
    expect(pinned.everyKeyOf('submitter').map((key) => identityJwk(key).x)).toEqual([after.x, before.x]);
    for (const file of [layout.common.requesters, layout.service('node-3').policy])
      expect(text(file)).toContain(`"x": "${after.x}"`);
    expect((JSON.parse(text(layout.stack)) as Stack).identities['submitter']).toEqual(after);
    const remarks = listThings(placesOf(deployment.stack), partiesIn(deployment.stack)).filter(
      ({ remark }) => remark !== '',
    );
    expect(remarks.map(({ kid }) => kid).sort()).toEqual(['operator', 'submitter']);
  });

  it('is left alone where the key of the authority is not there', async () => {
    const { layout } = deployment;
    rmSync(layout.authority.keyFile);
    await expect(deployment.rotate(['node-1'], ['tls'])).rejects.toThrow('put it back');
    expect(existsSync(layout.authority.keyFile)).toBe(false);
  });
});
