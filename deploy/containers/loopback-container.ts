import { GenericContainer, getContainerRuntimeClient, type WaitStrategy } from 'testcontainers';
import { until } from '../embedded/processes/until';
import { messageOf } from '../embedded/terminal/start-failure';

/** Of the process that started a container: when that is gone, so should be the container. */
const OWNER_LABEL = 'quorate.owner-pid';
const START_LIMIT_MS = 120_000;
const LAST_LINES = 20;

type Container = Parameters<WaitStrategy['waitUntilReady']>[0];

/** A container of testcontainers that can be reached from this machine only, and is removed by us, or by whoever starts the next. */
export class LoopbackContainer extends GenericContainer {
  private readonly bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};

  constructor(image: string) {
    super(image);
    this.withAutoCleanup(false).withLabels({ [OWNER_LABEL]: String(process.pid) });
  }

  /** @param inside the port that the container listens on */
  withLoopbackPort(port: number, inside = port): this {
    this.createOpts.ExposedPorts = { ...this.createOpts.ExposedPorts, [`${inside}/tcp`]: {} };
    this.bindings[`${inside}/tcp`] = [{ HostIp: '127.0.0.1', HostPort: String(port) }];
    this.hostConfig.PortBindings = this.bindings;
    return this;
  }

  /** @param probe one attempt: resolves when what runs inside can do its work */
  readyWhen(probe: () => Promise<unknown>): this {
    return this.withWaitStrategy(new ProbeStrategy(probe));
  }
}

/** Waits as the embedded parts do; a container that ends is the end of it. */
class ProbeStrategy implements WaitStrategy {
  private limitMs: number | undefined;

  constructor(private readonly probe: () => Promise<unknown>) {}

  async waitUntilReady(container: Container): Promise<void> {
    let ended: Error | undefined;
    const attempt = async () => {
      const { State, Config } = await container.inspect();
      if (!State.Running) ended = new Error(`${Config.Image} has ended:\n${await lastLines(container)}`);
      await this.probe();
    };
    try {
      await until('the container', attempt, {
        timeoutMs: this.getStartupTimeout(),
        abandoned: () => ended,
      });
    } catch (error) {
      throw new Error(`${messageOf(error)}\n${await lastLines(container)}`, { cause: error });
    }
  }

  withStartupTimeout(limitMs: number): this {
    this.limitMs = limitMs;
    return this;
  }

  isStartupTimeoutSet(): boolean {
    return this.limitMs !== undefined;
  }

  getStartupTimeout(): number {
    return this.limitMs ?? START_LIMIT_MS;
  }
}

async function lastLines(container: Container): Promise<string> {
  const logs = await container.logs({ stdout: true, stderr: true, tail: LAST_LINES });
  return logs.toString('utf8').replaceAll(/[^\x20-\x7e\n]/g, '');
}

/** Removes containers whose starter was killed before it could do so. */
export async function removeOrphans(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const containers = await dockerode.listContainers({ all: true, filters: { label: [OWNER_LABEL] } });
  const orphans = containers.filter(({ Labels }) => !isAlive(Number(Labels[OWNER_LABEL])));
  await Promise.all(orphans.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
}

/** Not that of @quorate/platform, which is no module yet where Jest loads its global set-up. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
