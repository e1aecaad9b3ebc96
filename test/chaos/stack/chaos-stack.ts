import { setTimeout as delay } from 'node:timers/promises';
import { stackFolders } from '../../../deploy/embedded/files/stack-folders';
import { prepareCertificates, type TlsFiles } from '../../../deploy/embedded/identities/certificates';
import { freePorts } from '../../../deploy/embedded/ports/free-ports';
import { unusedPorts } from '../../../deploy/embedded/ports/stack-ports';
import { EmbeddedStack } from '../../../deploy/embedded/stack/embedded-stack';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';
import {
  OPERATOR,
  serviceKids,
  type StackShape,
  stackShape,
} from '../../../deploy/embedded/stack/stack-shape';
import { terminalProgress } from '../../../deploy/embedded/terminal/progress';
import { type Random } from '../random';
import { withListeners } from './broker-listeners';
import { Links } from './links';

const BROKER = 'kafka';
const READY_TIMEOUT_MS = 120_000;
/** Small, so that stocks run out and are filled while faults happen. */
const STOCK_TARGET = '32';

/** A whole installation whose every connection and process can be made to fail: 3 nodes (2 sign), 2 coordinators. */
export class ChaosStack {
  private constructor(
    private readonly stack: EmbeddedStack,
    readonly links: Links,
    readonly shape: StackShape,
  ) {}

  /**
   * @param root an empty folder; nothing outside it is written
   * @param listen opens a further coordinator that is not the stack's, to which the nodes connect as well; gives its port
   */
  static async start(
    root: string,
    random: Random,
    report: (text: string) => void,
    listen: (tls: TlsFiles) => Promise<number>,
  ): Promise<ChaosStack> {
    const shape = stackShape(2, 3, 2);
    const folders = stackFolders(root);
    const services = serviceKids(shape);
    const certificates = await prepareCertificates(folders, [...services, OPERATOR, BROKER]);
    const brokerCertificate = certificateOf(certificates, BROKER);
    const ports = await unusedPorts(shape);
    const impostor = await listen(certificateOf(certificates, shape.coordinators.at(-1) ?? ''));
    const links = await Links.open(shape, ports, await freePorts(services.length), random);
    for (const node of shape.nodes) links.addCoordinator(node, impostor);
    const stack = new EmbeddedStack({
      shape,
      folders,
      ports,
      progress: terminalProgress(report),
      env: { ...process.env, STOCK_TARGET, LOG_LEVEL: 'info' },
      fit: (part) => {
        if (part.name === BROKER) return withListeners(part, links.listeners, brokerCertificate);
        const led = links.lead(part);
        return led === part ? part : withVariable(led, 'KAFKA_SSL_CA', brokerCertificate.caFile);
      },
    });
    const chaos = new ChaosStack(stack, links, shape);
    try {
      await stack.start();
      stack.publish();
      return chaos;
    } catch (error) {
      await chaos.stop();
      throw error;
    }
  }

  /** What clients know of it, with the present process ids. Its addresses lead past the links. */
  get description(): StackDescription {
    return this.stack.description();
  }

  /** The names of all processes, infrastructure first. */
  get processes(): string[] {
    return Object.keys(this.description.processes);
  }

  /** @throws Error when there is no process of that name */
  pid(name: string): number {
    const pid = this.description.processes[name]?.pid;
    if (pid === undefined) throw new Error(`${name} has no process`);
    return pid;
  }

  link(name: string) {
    const link = this.links.all.find((candidate) => candidate.name === name);
    if (link === undefined) throw new Error(`there is no link ${name}`);
    return link;
  }

  /** Resolves when every service says that it is ready. @throws Error naming the ones that are not in time */
  async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const waiting = await this.unready();
      if (waiting.length === 0) return;
      if (performance.now() > deadline) {
        throw new Error(`not ready after ${READY_TIMEOUT_MS} ms: ${waiting.join('; ')}`);
      }
      await delay(100);
    }
  }

  async stop(): Promise<void> {
    this.links.healAll();
    await this.stack.stop();
    await this.links.close();
  }

  private async unready(): Promise<string[]> {
    const services = Object.entries(this.description.processes);
    const answers = services.map(async ([name, { health }]) => {
      if (health === undefined) return undefined;
      try {
        const answer = await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(2000) });
        return answer.ok ? undefined : `${name}: ${await answer.text()}`;
      } catch (error) {
        return `${name}: ${String(error)}`;
      }
    });
    return (await Promise.all(answers)).filter((answer) => answer !== undefined);
  }
}

function certificateOf(certificates: ReadonlyMap<string, TlsFiles>, kid: string): TlsFiles {
  const files = certificates.get(kid);
  if (files === undefined) throw new Error(`${kid} has no certificate`);
  return files;
}

function withVariable(
  part: ReturnType<Links['lead']>,
  variable: string,
  value: string,
): ReturnType<Links['lead']> {
  return {
    ...part,
    command: async () => {
      const command = await part.command();
      return { ...command, env: { ...command.env, [variable]: value } };
    },
  };
}
