import { groupPrefix, type Identity, type TlsFiles } from '@quorate/deployment';
import { ED25519, formatVerifierKey, verifierKey } from '@quorate/transparency-log';
import { type HttpTokenFiles } from '../identities/http-tokens';
import { type IdentityFiles } from '../identities/identity-files';
import { type DatabaseUrls, type PreparedDatabases } from '../parts/databases';
import { type Infrastructure } from '../parts/infrastructure';
import { type StackPorts } from '../ports/stack-ports';
import { type Part } from '../processes/part';
import { StartFailure } from '../terminal/start-failure';
import { type DemoKey, type StackDescription } from './stack-description';
import { AUDITOR, DEMO_REQUESTER, LOG_ORIGIN, OPERATOR, serviceKids, type StackShape } from './stack-shape';

/** How the parties of a stack connect to its Kafka. */
export interface KafkaOfParties {
  brokers: string[];
  /** TOPIC_PREFIX, may be empty. */
  topicPrefix: string;
  caFile: string | null;
  /** What a party logs in with; null where nobody does. In a user's own Kafka it is the same for all. */
  loginOf: (kid: string) => { username: string; password: string; passwordFile?: string } | null;
}

/** What the services of a stack are surrounded by. */
export interface Surroundings {
  shape: StackShape;
  infrastructure: Infrastructure;
  kafka: KafkaOfParties;
  databases: PreparedDatabases;
  identities: IdentityFiles;
  certificates: Map<string, TlsFiles>;
  httpTokens: HttpTokenFiles;
  ports: StackPorts;
}

export interface StartedStack extends Surroundings {
  key: DemoKey;
  /** What the tools of each node are started with. */
  nodeEnvironments: Map<string, Record<string, string>>;
  /** What the tools of the auditor are started with. */
  auditorEnvironment: Record<string, string>;
  /** Of `StackControl`. */
  controlSocket: string;
}

/** The content of stack.json with the present pids. */
export function describeStack(
  stack: StartedStack,
  processes: { part: Part; pid: number; isHeld: boolean }[],
): StackDescription {
  const { kafka, identities, httpTokens, databases, ports, infrastructure, shape, key } = stack;
  const { brokers, caFile, topicPrefix } = kafka;
  const holder = (kid: string) => ({ kid, privateKeyFile: identityOf(stack, kid).privateKeyFile });
  return {
    kafka: {
      ...{ brokers, caFile, topicPrefix },
      sasl: saslOf(kafka, DEMO_REQUESTER),
      groupPrefix: groupPrefix('clients', DEMO_REQUESTER, topicPrefix),
      operator: { sasl: saslOf(kafka, OPERATOR) },
    },
    audit: {
      url: `http://127.0.0.1:${ports.auditor}`,
      token: httpTokens.audit,
      witnessToken: httpTokens.witness,
      logKeys: [logKey(stack)],
    },
    submitter: { url: `http://127.0.0.1:${ports.submitter}`, token: httpTokens.submitter },
    control: { ...controlAccess(stack), operators: [holder(OPERATOR)] },
    chain: { rpcUrl: infrastructure.rpcUrls[0] ?? '', chainId: infrastructure.chainId },
    databases: described(databases.runtime),
    databaseOwners: { ...described(databases.owners), server: databases.server },
    processes: Object.fromEntries(
      processes.map(({ part, pid, isHeld }) => [
        part.name,
        { pid, ...(part.health ? { health: part.health } : {}), ...(isHeld ? { stopped: true } : {}) },
      ]),
    ),
    supervisor: { socket: stack.controlSocket },
    identities: Object.fromEntries(serviceKids(shape).map((kid) => [kid, identityOf(stack, kid).publicKey])),
    files: {
      policies: Object.fromEntries(identities.policies),
      requesters: identities.requesters,
      peers: identities.peers,
    },
    nodeEnvironments: Object.fromEntries(stack.nodeEnvironments),
    auditorEnvironment: stack.auditorEnvironment,
    key,
    requester: holder(DEMO_REQUESTER),
  };
}

function saslOf(kafka: KafkaOfParties, kid: string): StackDescription['kafka']['sasl'] {
  const login = kafka.loginOf(kid);
  return login && { mechanism: 'SCRAM-SHA-512', username: login.username, password: login.password };
}

function described(urls: DatabaseUrls) {
  return { ...urls, nodes: Object.fromEntries(urls.nodes) };
}

/** The key of the audit log as people hand it on (C2SP signed-note). */
function logKey(stack: Surroundings): string {
  const publicKey = Buffer.from(identityOf(stack, AUDITOR).publicKey.x, 'base64url');
  return formatVerifierKey(verifierKey(`${LOG_ORIGIN}/log/0`, ED25519, publicKey));
}

/** The first coordinator's control plane, and the operator's files for mutual TLS. */
export function controlAccess({ ports, certificates }: Surroundings): TlsFiles & { address: string } {
  const [port] = ports.grpc.values();
  const tls = certificates.get(OPERATOR);
  if (port === undefined || !tls)
    throw new StartFailure('control', 'there is no coordinator, or no operator');
  return { address: `127.0.0.1:${port}`, ...tls };
}

/** @throws StartFailure for a kid that the stack does not have */
export function identityOf({ identities }: Surroundings, kid: string): Identity {
  const identity = identities.identities.get(kid);
  if (!identity) throw new StartFailure('identity', `there is no identity ${kid}`);
  return identity;
}
