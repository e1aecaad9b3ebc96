import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type TlsFiles } from '@quorate/deployment';
import { stackFolders } from '../../../deploy/embedded/files/stack-folders';
import { certificateOf, prepareCertificates } from '../../../deploy/embedded/identities/certificates';
import { BROKER_KID, type KafkaAccess } from '../../../deploy/embedded/parts/kafka-security';
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
import { Clocks } from './clocks';
import { CompromisedNodes } from './compromised-nodes';
import { Links } from './links';

const READY_TIMEOUT_MS = 120_000;
/** Small, so that stocks run out and are filled while faults happen. */
const STOCK_TARGET = '32';

/** A whole installation whose every connection and process can be made to fail: 3 nodes (2 sign), 2 coordinators. */
export class ChaosStack {
  private constructor(
    private readonly stack: EmbeddedStack,
    readonly links: Links,
    readonly clocks: Clocks,
    readonly compromised: CompromisedNodes,
    readonly shape: StackShape,
    private readonly controlPorts: ReadonlyMap<string, number>,
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
    const certificates = await prepareCertificates(folders, [...services, OPERATOR]);
    const ports = await unusedPorts(shape);
    const impostor = await listen(certificateOf(certificates, shape.coordinators.at(-1) ?? ''));
    const links = await Links.open(shape, ports, await freePorts(services.length), random);
    for (const node of shape.nodes) links.addCoordinator(node, impostor);
    const clocks = new Clocks(join(root, 'clocks'), services);
    const compromised = new CompromisedNodes(join(root, 'compromised'), shape.nodes);
    const stack = new EmbeddedStack({
      shape,
      folders,
      ports,
      progress: terminalProgress(report),
      env: { ...process.env, STOCK_TARGET, LOG_LEVEL: 'info' },
      fit: (part) => {
        if (part.name === BROKER_KID) return withListeners(part, links.listeners);
        return services.includes(part.name) ? compromised.lead(clocks.lead(links.lead(part))) : part;
      },
    });
    const chaos = new ChaosStack(stack, links, clocks, compromised, shape, ports.grpc);
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

  /** The connection to Kafka that may read and write everything, past all links. */
  get kafka(): KafkaAccess {
    return this.stack.brokerAdmin;
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

  /** host:port where a coordinator takes orders, past all links. @throws Error when there is no such coordinator */
  controlAddress(coordinator: string): string {
    const port = this.controlPorts.get(coordinator);
    if (port === undefined) throw new Error(`there is no ${coordinator}`);
    return `127.0.0.1:${port}`;
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

  /** All links whole, all clocks right, no node compromised. */
  healAll(): void {
    this.links.healAll();
    this.clocks.setAllRight();
    this.compromised.endAll();
  }

  async stop(): Promise<void> {
    this.healAll();
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
