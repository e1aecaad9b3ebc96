import { setTimeout as delay } from 'node:timers/promises';
import { JsonRpcProvider, parseEther, toQuantity } from 'ethers';
import { ComposeProject } from './compose-project';
import { deploymentSecrets } from './deployment-secrets';

const SERVICES = ['coordinator-1', 'node-1', 'node-2', 'node-3', 'submitter', 'auditor'];
const RUNNING = ['kafka', 'postgres', 'chain', ...SERVICES].sort();
const NOBODY = '0x000000000000000000000000000000000000dEaD';
const RECOVERY_MS = 90_000;

let project: ComposeProject;

jest.setTimeout(240_000);

beforeAll(async () => {
  project = await ComposeProject.init();
  await project.compose('up', '--detach', '--build', '--wait', '--wait-timeout', '420');
}, 600_000);

afterAll(async () => {
  await project.down();
  project.removeFolder();
}, 120_000);

/** kill -9 of everything in a container but its init; resolves when Docker has started it again and it is healthy. */
async function killed(service: string): Promise<void> {
  const before = (await project.container(service)).facts.RestartCount;
  // The shell that kills is killed as well.
  await project.exec(service, 'sh', '-c', 'kill -9 -1').catch(() => undefined);
  for (const end = Date.now() + RECOVERY_MS; Date.now() < end; await delay(250)) {
    const { RestartCount, State } = (await project.container(service)).facts;
    if (RestartCount > before && State.Health?.Status === 'healthy') return;
  }
  throw new Error(`${service} was not healthy again after ${RECOVERY_MS / 1000} s`);
}

describe('docker compose up --wait, after quorate init', () => {
  it('is healthy: everything runs, and what prepares it has ended well', async () => {
    const containers = await project.containers();
    const healthy = containers.filter(({ facts }) => facts.State.Health?.Status === 'healthy');
    expect(healthy.map(({ service }) => service).sort()).toEqual(RUNNING);
    const ended = containers.filter(({ facts }) => facts.State.Status === 'exited');
    expect(ended.map(({ service, facts }) => [service, facts.State.ExitCode])).toEqual([['prepare', 0]]);
  });

  it('creates a key, signs with it, and pays from it', async () => {
    const { keyId, address } = await project.quorate<{ keyId: string; address: string }>('keys', 'create');
    const signed = await project.quorate<{ keyId: string; committee: string[] }>(
      'sign',
      '--message',
      'hello',
    );
    expect(signed.keyId).toBe(keyId);
    expect(signed.committee).toHaveLength(2);

    const chain = new JsonRpcProvider(project.chainUrl);
    await chain.send('anvil_setBalance', [address, toQuantity(parseEther('1'))]);
    const before = await chain.getBalance(NOBODY);
    const sent = await project.quorate<{ status: string }>('send', '--to', NOBODY, '--value', '1000');
    expect(sent.status).toBe('confirmed');
    expect((await chain.getBalance(NOBODY)) - before).toBe(1000n);
    chain.destroy();
  });

  it('logs all of it so that it verifies', async () => {
    const { ok, verified } = await project.quorate<{ ok: boolean; verified: number }>('audit', 'verify');
    expect(ok).toBe(true);
    expect(verified).toBeGreaterThan(10);
  });
});

describe('every container', () => {
  it.each(RUNNING)('%s is an ordinary user without capabilities, and cannot get any', async (service) => {
    const status = await project.exec(service, 'cat', '/proc/self/status', '/proc/1/status');
    for (const uids of status.matchAll(/^Uid:\t(.*)$/gm)) expect(uids[1]?.split('\t')).not.toContain('0');
    const capabilities = [...status.matchAll(/^Cap(?:Prm|Eff|Bnd):\t(\w+)$/gm)].map(([, set]) => set);
    expect(new Set(capabilities)).toEqual(new Set(['0000000000000000']));
    expect([...status.matchAll(/^NoNewPrivs:\t(\d)$/gm)].map(([, flag]) => flag)).toEqual(['1', '1']);
  });

  it.each(RUNNING)('%s cannot write to its image, and has limits', async (service) => {
    const { HostConfig } = (await project.container(service)).facts;
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Privileged: false });
    expect(HostConfig.Memory).toBeGreaterThan(0);
    expect(HostConfig.PidsLimit).toBeGreaterThan(0);
    const refused = await project.exec(service, 'sh', '-c', ': > /written').catch(String);
    expect(refused).toMatch(/read-only|permission denied/i);
  });

  it('is reached from this machine only; Postgres not at all', async () => {
    const containers = await project.containers();
    const published = containers.map(({ service, facts }) => ({
      service,
      addresses: Object.values(facts.NetworkSettings.Ports).flatMap((bindings) => bindings ?? []),
    }));
    const addresses = published.flatMap((container) => container.addresses.map(({ HostIp }) => HostIp));
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    const unreached = published.filter((container) => container.addresses.length === 0);
    expect(unreached.map(({ service }) => service).sort()).toEqual(['postgres', 'prepare']);
  });

  it('of a service sees its own folder and what all may see, and changes neither', async () => {
    for (const service of SERVICES) {
      const { Mounts } = (await project.container(service)).facts;
      expect(Mounts.map(({ Source, Destination, RW }) => [Source, Destination, RW]).sort()).toEqual([
        [`${project.folder}/common`, '/etc/quorate/common', false],
        [`${project.folder}/services/${service}`, '/etc/quorate/own', false],
      ]);
    }
  });

  it('tells no secret of the deployment in its logs, its settings or its state', async () => {
    const secrets = deploymentSecrets(project.folder);
    expect(secrets.size).toBeGreaterThan(100);
    const texts = [
      await project.compose('logs', '--no-color'),
      ...(await project.containers()).map(({ text }) => text),
    ];
    expect(texts.join('').length).toBeGreaterThan(10_000);
    const found = [...secrets].filter(([secret]) => texts.some((text) => text.includes(secret)));
    expect(found.map(([, file]) => file)).toEqual([]);
  });

  it('reaches what it works with, and nothing else', async () => {
    const reaches = async (service: string, host: string, port: number): Promise<boolean> => {
      const connect = `require('net').connect(${port}, '${host}').setTimeout(2000).on('connect', () => process.exit(0)).on('error', () => process.exit(1)).on('timeout', () => process.exit(1))`;
      return project.exec(service, 'node', '--eval', connect).then(
        () => true,
        () => false,
      );
    };
    expect(await reaches('node-1', 'kafka', 9093)).toBe(true);
    expect(await reaches('node-1', 'coordinator-1', 50051)).toBe(true);
    expect(await reaches('submitter', 'chain', 8545)).toBe(true);
    expect(await reaches('node-1', 'chain', 8545)).toBe(false);
    expect(await reaches('auditor', 'chain', 8545)).toBe(false);
  });
});

describe('a container that dies', () => {
  it.each(['node-1', 'coordinator-1'])('%s comes back, and the key signs again', async (service) => {
    await killed(service);
    const { committee } = await project.quorate<{ committee: string[] }>('sign', '--message', service);
    expect(committee).toHaveLength(2);
  });
});

describe('docker compose down --volumes', () => {
  it('leaves nothing', async () => {
    await project.down();
    expect(await project.leftovers()).toEqual([]);
  });
});
