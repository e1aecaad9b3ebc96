import { type Part } from '../../../deploy/embedded/processes/part';
import { type StackPorts } from '../../../deploy/embedded/ports/stack-ports';
import { serviceKids, type StackShape, SUBMITTER } from '../../../deploy/embedded/stack/stack-shape';
import { type Random } from '../random';
import { type BrokerListener } from './broker-listeners';
import { TcpLink } from './tcp-link';

/** All links of a stack between its services and what they use, and where each service is to connect instead. */
export class Links {
  readonly all: TcpLink[] = [];
  /** By service: the variables of its environment that lead through its links. */
  private readonly variables = new Map<string, NodeJS.ProcessEnv>();
  private readonly postgresPorts = new Map<string, number>();
  readonly listeners: BrokerListener[] = [];

  private constructor(private readonly random: Random) {}

  /**
   * Opens a link per service to Kafka and Postgres, per node to each coordinator, and the submitter's to the chain.
   * @param brokerPorts one free port per service, for a listener of the broker of its own
   */
  static async open(
    shape: StackShape,
    ports: StackPorts,
    brokerPorts: readonly number[],
    random: Random,
  ): Promise<Links> {
    const links = new Links(random);
    for (const [index, service] of serviceKids(shape).entries()) {
      const port = brokerPorts[index];
      if (port === undefined) throw new RangeError(`there is no broker port for ${service}`);
      const advertisedPort = await links.add(`kafka/${service}`, port);
      links.listeners.push({ name: service.replaceAll('-', '_').toUpperCase(), port, advertisedPort });
      links.variables.set(service, { KAFKA_BROKERS: `127.0.0.1:${advertisedPort}` });
      links.postgresPorts.set(service, await links.add(`postgres/${service}`, ports.postgres));
    }
    for (const node of shape.nodes) {
      const addresses: string[] = [];
      for (const [coordinator, port] of ports.grpc) {
        addresses.push(`127.0.0.1:${await links.add(`grpc/${node}/${coordinator}`, port)}`);
      }
      links.set(node, 'COORDINATORS', addresses.join(','));
    }
    links.set(SUBMITTER, 'RPC_URLS', `http://127.0.0.1:${await links.add('chain/submitter', ports.chain)}`);
    return links;
  }

  /** The part with the addresses of its links; one without links as it is. */
  lead(part: Part): Part {
    const variables = this.variables.get(part.name);
    if (variables === undefined) return part;
    return {
      ...part,
      command: async () => {
        const command = await part.command();
        return {
          ...command,
          env: { ...command.env, ...variables, ...this.database(part.name, command.env) },
        };
      },
    };
  }

  /** Adds a place to COORDINATORS of a node, as whoever can change its configuration or its name service would. */
  addCoordinator(node: string, port: number): void {
    const known = this.variables.get(node)?.['COORDINATORS'] ?? '';
    this.set(node, 'COORDINATORS', `${known},127.0.0.1:${port}`);
  }

  healAll(): void {
    for (const link of this.all) link.heal();
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((link) => link.close()));
  }

  private async add(name: string, targetPort: number): Promise<number> {
    const link = new TcpLink(name, targetPort, (below) => this.random.below(below));
    this.all.push(link);
    return link.open();
  }

  private set(service: string, variable: string, value: string): void {
    this.variables.set(service, { ...this.variables.get(service), [variable]: value });
  }

  private database(service: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const url = new URL(env['DATABASE_URL'] ?? '');
    url.port = String(this.postgresPorts.get(service));
    return { DATABASE_URL: url.toString() };
  }
}
