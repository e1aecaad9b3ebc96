import { join } from 'node:path';
import { projectRoot } from '../files/project-root';
import { type Part } from '../processes/part';
import { type KafkaOfParties, type Surroundings } from '../stack/describe-stack';
import { AUDITOR, LOG_ORIGIN, SUBMITTER } from '../stack/stack-shape';
import { type DatabaseUrls } from './databases';

const READY_TIMEOUT_MS = 90_000;
const PROBE_TIMEOUT_MS = 3000;

/** Variables that the services take as they are from the environment of `npm start`. */
const PASSED_ON = [
  ...[
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'TZ',
    'NODE_EXTRA_CA_CERTS',
    'LOG_LEVEL',
    'STOCK_TARGET',
    'KEY_REFRESH_INTERVAL_HOURS',
    'TOPIC_PREFIX',
  ],
  ...['SELF_HALT_REFUSALS_PER_MINUTE', 'SELF_HALT_RULES', 'SELF_HALT_SCOPE'],
  ...['RPC_SEND_URLS', 'RPC_ERRORS_FILE', 'FINALITY_TAG', 'FINALITY_DEPTH', 'LANE_WINDOW', 'WEBHOOKS_FILE'],
  ...['LANE_BUDGET_PER_HOUR', 'FEE_LADDER', 'WITNESSES', 'HTTP_CALLS_PER_SECOND', 'HTTP_EXPORTS_AT_ONCE'],
  'RESTORED_TOPIC_ID',
  ...['KAFKA_SSL_CA', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE'],
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
  'TRACE_CLIENTS',
];

/** Which of the databases is a service's own. */
type OwnDatabase = (urls: DatabaseUrls) => string | undefined;

/** What the services' environments are made of. */
type ServiceSurroundings = Surroundings & { env: NodeJS.ProcessEnv };

/**
 * One part per service: coordinators, nodes, submitter, auditor. What is around them is looked at before each start: what
 * was replaced in between is what they start with.
 */
export function serviceParts(around: ServiceSurroundings): Part[] {
  const { shape, ports, infrastructure, env } = around;
  const coordinators = shape.coordinators.map((coordinator) =>
    servicePart(
      around,
      coordinator,
      'coordinator',
      ports.http.get(coordinator),
      (urls) => urls.coordinator,
      () => ({
        SERVICE_ID: coordinator,
        REQUESTERS_FILE: around.identities.requesters,
        GRPC_PORT: String(ports.grpc.get(coordinator)),
        ...tlsVariables(around, coordinator),
      }),
    ),
  );
  const addresses = [...ports.grpc.values()].map((port) => `127.0.0.1:${port}`).join(',');
  const nodes = shape.nodes.map((node) =>
    servicePart(
      around,
      node,
      'mpc-worker',
      ports.http.get(node),
      (urls) => urls.nodes.get(node),
      () => ({
        ...nodeVariables(around, node),
        POLICY_FILE: around.identities.policies.get(node),
        COORDINATORS: addresses,
        ...tlsVariables(around, node),
      }),
    ),
  );
  const submitter = servicePart(
    around,
    SUBMITTER,
    'tx-submitter',
    ports.submitter,
    (urls) => urls.submitter,
    () => ({
      SERVICE_ID: SUBMITTER,
      REQUESTERS_FILE: around.identities.requesters,
      RPC_URLS: infrastructure.rpcUrls.join(','),
      CHAIN_ID: infrastructure.chainId,
      // On the embedded chain anybody sends from any account: that says nothing about its key.
      HALT_ON_FOREIGN: env['HALT_ON_FOREIGN'] ?? String(!infrastructure.localChain),
    }),
  );
  const auditor = servicePart(
    around,
    AUDITOR,
    'auditor',
    ports.auditor,
    (urls) => urls.audit,
    () => auditorVariables(around),
  );
  return [...coordinators, ...nodes, submitter, auditor];
}

/** What a node and its backup tool need to get at its shares. */
export function nodeVariables(around: ServiceSurroundings, node: string): Record<string, string> {
  return withoutMissing({
    ...commonVariables(around, node, (urls) => urls.nodes.get(node)),
    NODE_ID: node,
    SEAL_KEY_FILE: around.identities.sealKeys.get(node),
  });
}

/** What a rebuild of the audit log needs to read the topic as the auditor does. */
export function auditorVariables(around: ServiceSurroundings): Record<string, string> {
  return withoutMissing({
    ...commonVariables(around, AUDITOR, (urls) => urls.audit),
    SERVICE_ID: AUDITOR,
    LOG_ORIGIN,
  });
}

function withoutMissing(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function commonVariables(
  { infrastructure, databases, identities, kafka, env }: ServiceSurroundings,
  name: string,
  database: OwnDatabase,
): Record<string, string | undefined> {
  return {
    ...Object.fromEntries(
      PASSED_ON.flatMap((variable) => (env[variable] ? [[variable, env[variable]]] : [])),
    ),
    KAFKA_BROKERS: infrastructure.brokers.join(','),
    ...kafkaLogin(kafka, name),
    DATABASE_URL: database(databases.runtime),
    DATABASE_MIGRATION_URL: database(databases.owners),
    IDENTITY_KEY_FILE: identities.identities.get(name)?.privateKeyFile,
    PEERS_FILE: identities.peers,
  };
}

/** A login of the service's own; in a user's own Kafka the environment holds the one for all. */
function kafkaLogin({ caFile, loginOf }: KafkaOfParties, name: string): Record<string, string> {
  const login = loginOf(name);
  if (caFile === null || login?.passwordFile === undefined) return {};
  return {
    KAFKA_SSL_CA: caFile,
    KAFKA_SASL_USERNAME: login.username,
    KAFKA_SASL_PASSWORD_FILE: login.passwordFile,
  };
}

function servicePart(
  around: ServiceSurroundings,
  name: string,
  app: string,
  port: number | undefined,
  database: OwnDatabase,
  variables: () => NodeJS.ProcessEnv,
): Part {
  const health = `http://127.0.0.1:${port}`;
  return {
    name,
    stage: 'service',
    stopSignal: 'SIGTERM',
    readyTimeoutMs: READY_TIMEOUT_MS,
    health,
    command: () =>
      Promise.resolve({
        file: process.execPath,
        // Nest's packages are ES modules, loaded by require.
        args: [
          '--disable-warning=ExperimentalWarning',
          join(projectRoot(), 'dist', 'apps', app, 'src', 'main.js'),
        ],
        cwd: projectRoot(),
        env: {
          ...commonVariables(around, name, database),
          NODE_ENV: 'production',
          QUORATE_PARENT_WATCH: '1',
          HTTP_PORT: String(port),
          HTTP_TOKENS_FILE: around.httpTokens.files.get(name),
          ...variables(),
        },
      }),
    probe: () => probeReadiness(health),
  };
}

function tlsVariables({ certificates }: ServiceSurroundings, kid: string): NodeJS.ProcessEnv {
  const files = certificates.get(kid);
  return { GRPC_CA_FILE: files?.caFile, GRPC_CERT_FILE: files?.certFile, GRPC_KEY_FILE: files?.keyFile };
}

/** Resolves when /readyz answers 200; otherwise throws with the reasons that the service gives. */
async function probeReadiness(health: string): Promise<void> {
  const response = await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  const body = await response.text();
  if (!response.ok) throw new Error(`/readyz says ${response.status}: ${body.slice(0, 500)}`);
}
