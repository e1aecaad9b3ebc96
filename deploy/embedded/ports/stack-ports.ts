import { type StackShape } from '../stack/stack-shape';
import { freePorts, type PortClaim, portSetting } from './free-ports';

/** The TCP ports of all parts, all on 127.0.0.1. */
export interface StackPorts {
  kafka: number;
  postgres: number;
  chain: number;
  submitter: number;
  auditor: number;
  /** HTTP port by coordinator or node. */
  http: Map<string, number>;
  /** Control-plane port by coordinator. */
  grpc: Map<string, number>;
}

/** Where a setting moves the first of several services, the others follow it. */
const SETTINGS = {
  kafka: ['EMBEDDED_KAFKA_PORT', 9092],
  postgres: ['EMBEDDED_POSTGRES_PORT', 5433],
  chain: ['EMBEDDED_CHAIN_PORT', 8545],
  grpc: ['EMBEDDED_GRPC_PORT', 50051],
  coordinator: ['EMBEDDED_COORDINATOR_PORT', 8081],
  submitter: ['EMBEDDED_SUBMITTER_PORT', 8082],
  auditor: ['EMBEDDED_AUDITOR_PORT', 8083],
  nodes: ['EMBEDDED_NODES_PORT', 8091],
} as const satisfies Record<string, readonly [string, number]>;

/** The ports of the environment or their defaults, and who claims each, for `assertPortsFree`. */
export function configuredPorts(
  shape: StackShape,
  env: NodeJS.ProcessEnv,
): { ports: StackPorts; claims: PortClaim[] } {
  const port = (name: keyof typeof SETTINGS) => portSetting(env, SETTINGS[name][0], SETTINGS[name][1]);
  const claims: PortClaim[] = [];
  const claim = (name: keyof typeof SETTINGS, user: string, number = port(name)) => {
    claims.push({ port: number, setting: SETTINGS[name][0], user });
    return number;
  };
  const ports: StackPorts = {
    kafka: env['KAFKA_BROKERS'] ? 0 : claim('kafka', 'Kafka'),
    postgres: env['DATABASE_URL'] ? 0 : claim('postgres', 'Postgres'),
    chain: env['RPC_URLS'] ? 0 : claim('chain', 'the local chain'),
    submitter: claim('submitter', 'the submitter'),
    auditor: claim('auditor', 'the auditor'),
    http: new Map(),
    grpc: new Map(),
  };
  shape.coordinators.forEach((coordinator, index) => {
    // The submitter and the auditor have the two ports after the first coordinator's.
    const http = port('coordinator') + (index === 0 ? 0 : index + 2);
    ports.http.set(coordinator, claim('coordinator', coordinator, http));
    ports.grpc.set(coordinator, claim('grpc', `${coordinator} (gRPC)`, port('grpc') + index));
  });
  shape.nodes.forEach((node, index) => ports.http.set(node, claim('nodes', node, port('nodes') + index)));
  return { ports, claims };
}

/** Ports that nobody uses now, for tests. */
export async function unusedPorts(shape: StackShape): Promise<StackPorts> {
  const free = await freePorts(5 + shape.nodes.length + 2 * shape.coordinators.length);
  const next = () => free.pop() ?? 0;
  return {
    kafka: next(),
    postgres: next(),
    chain: next(),
    submitter: next(),
    auditor: next(),
    http: new Map([...shape.coordinators, ...shape.nodes].map((service) => [service, next()])),
    grpc: new Map(shape.coordinators.map((coordinator) => [coordinator, next()])),
  };
}
