import { spawnSync } from 'node:child_process';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { startChainContainer } from '../../deploy/containers/chain-container';
import { LoopbackContainer, removeOrphans } from '../../deploy/containers/loopback-container';
import { chainIdOf, LOCAL_CHAIN_ID } from '../../deploy/embedded/parts/chain';
import { IMAGES } from '../../deploy/containers/images';
import { freePort } from '../../deploy/embedded/ports/free-ports';

jest.setTimeout(60_000);

async function exists(container: StartedTestContainer): Promise<boolean> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const all = await dockerode.listContainers({ all: true });
  return all.some(({ Id }) => Id === container.getId());
}

test('a container for tests can be reached from this machine only, and is gone after its end', async () => {
  const port = await freePort();
  const chain = await startChainContainer(port);
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const { NetworkSettings } = await dockerode.getContainer(chain.getId()).inspect();
  expect(NetworkSettings.Ports).toEqual({ '8545/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] });
  expect(await chainIdOf(`http://127.0.0.1:${port}`)).toBe(LOCAL_CHAIN_ID);
  await chain.stop();
  expect(await exists(chain)).toBe(false);
});

test('a container whose starter was killed is removed before the next starts; those of others stay', async () => {
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const of = (owner: number) =>
    new LoopbackContainer(IMAGES.chain)
      .withLabels({ 'quorate.owner-pid': String(owner) })
      .withCommand(['exec anvil --quiet'])
      .readyWhen(() => Promise.resolve())
      .start();
  const [orphan, kept] = await Promise.all([of(ended), of(process.pid)]);
  await removeOrphans();
  expect(await exists(orphan)).toBe(false);
  expect(await exists(kept)).toBe(true);
  await kept.stop();
});

test('a container that ends at its start says why', async () => {
  const broken = new LoopbackContainer(IMAGES.chain)
    .withCommand(['echo no such chain; exit 1'])
    .readyWhen(() => Promise.reject(new Error('nothing answers')));
  await expect(broken.start()).rejects.toThrow('no such chain');
});
