import { type DeploymentPorts } from '@quorate/deployment';
import { CommandFailure, EXIT } from '../exit-code';

const DEFAULTS = {
  kafka: ['QUORATE_KAFKA_PORT', 9092],
  chain: ['QUORATE_CHAIN_PORT', 8545],
  grpc: ['QUORATE_GRPC_PORT', 50051],
  coordinator: ['QUORATE_COORDINATOR_PORT', 8081],
  submitter: ['QUORATE_SUBMITTER_PORT', 8082],
  auditor: ['QUORATE_AUDITOR_PORT', 8083],
} as const;
const FIRST_NODE_PORT = 8091;

/** The ports that docker-compose.yml publishes, as the environment or the file itself says; and what the environment says. */
export function composePorts(
  env: NodeJS.ProcessEnv,
  nodes: number,
): { ports: DeploymentPorts; variables: Record<string, string> } {
  const variables: Record<string, string> = {};
  const port = (name: string, fallback: number): number => {
    const value = env[name];
    if (value === undefined || value === '') return fallback;
    if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) {
      throw new CommandFailure(EXIT.usage, 'usage', `${name} is wrong: expected a port number`);
    }
    variables[name] = value;
    return Number(value);
  };
  const of = (name: keyof typeof DEFAULTS) => port(DEFAULTS[name][0], DEFAULTS[name][1]);
  const ports = {
    ...{ kafka: of('kafka'), chain: of('chain'), grpc: of('grpc') },
    ...{ coordinator: of('coordinator'), submitter: of('submitter'), auditor: of('auditor') },
    nodes: Array.from({ length: nodes }, (_, index) =>
      port(`QUORATE_NODE_${index + 1}_PORT`, FIRST_NODE_PORT + index),
    ),
  };
  return { ports, variables };
}
