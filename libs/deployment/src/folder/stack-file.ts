import { readFileSync } from 'node:fs';
import { ed25519Jwk, type Ed25519Jwk, readJsonFile } from '@quorate/platform';
import { ED25519, formatVerifierKey, verifierKey } from '@quorate/transparency-log';
import { z } from 'zod';
import { keptFile, prettyJson } from '../files/whole-file';
import { groupPrefix } from '../parties/consumer-groups';
import { OPERATOR } from '../parties/kids';
import { kafkaUser } from '../parties/principals';
import { type DeploymentPorts } from './compose-environment';
import { type DeploymentLayout } from './layout';
import { type CompleteDeployment } from './wanted';

/** As the auditor's own default. */
const LOG_ORIGIN = 'quorate.local/auditor';

const peersFile = z.object({ peers: z.array(z.object({ kid: z.string(), publicKey: ed25519Jwk })) });

/**
 * How the command line and clients on this machine reach the deployment (the stack.json of interfaces.md): ports on 127.0.0.1, as
 * docker-compose.yml publishes them. There is no key yet, and no process that this machine could signal; databases are the services'.
 */
export function keptStackFile(
  layout: DeploymentLayout,
  description: CompleteDeployment,
  ports: DeploymentPorts,
): void {
  keptFile(layout.stack, () => prettyJson(describe(layout, description, ports)), { secret: true });
}

function describe(
  layout: DeploymentLayout,
  { prefix, nodes, threshold, clients, chainId, coordinators, submitters, auditors }: CompleteDeployment,
  ports: DeploymentPorts,
) {
  const { operator, common } = layout;
  const { peers } = readJsonFile(common.peers, peersFile);
  const identities = Object.fromEntries(peers.map(({ kid, publicKey }) => [kid, publicKey]));
  const [client = ''] = clients;
  const sasl = (kid: string, file: string) => ({
    ...{ mechanism: 'SCRAM-SHA-512', username: kafkaUser(kid, prefix), password: text(file) },
  });
  const local = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const health = (kids: readonly string[], numbers: readonly number[]) =>
    kids.flatMap((kid, index) =>
      numbers[index] === undefined ? [] : [[kid, { health: local(numbers[index]) }] as const],
    );
  return {
    deployment: { folder: layout.root, nodes, threshold },
    kafka: {
      ...{ brokers: [`127.0.0.1:${ports.kafka}`], caFile: common.ca, topicPrefix: prefix },
      sasl: sasl(client, layout.client(client).kafkaPassword),
      groupPrefix: groupPrefix('clients', client, prefix),
      operator: { sasl: sasl(OPERATOR, operator.kafkaPassword) },
    },
    audit: {
      ...{ url: local(ports.auditor), token: text(operator.auditToken) },
      witnessToken: text(operator.witnessToken),
      logKeys: auditors.flatMap((kid) => logKey(identities[kid])),
    },
    submitter: { url: local(ports.submitter), token: text(operator.submitterToken) },
    control: {
      address: `127.0.0.1:${ports.grpc}`,
      ...{ caFile: common.ca, certFile: operator.certFile, keyFile: operator.keyFile },
      operators: [{ kid: OPERATOR, privateKeyFile: operator.identity }],
    },
    chain: { rpcUrl: local(ports.chain), chainId },
    processes: Object.fromEntries([
      ...health(coordinators, [ports.coordinator]),
      ...health(nodes, ports.nodes),
      ...health(submitters, [ports.submitter]),
      ...health(auditors, [ports.auditor]),
    ]),
    identities,
    files: {
      policies: Object.fromEntries(nodes.map((node) => [node, layout.service(node).policy])),
      requesters: common.requesters,
      peers: common.peers,
    },
    key: null,
    requester: { kid: client, privateKeyFile: layout.client(client).identity },
  };
}

/** The key of the audit log as people hand it on (C2SP signed-note). */
function logKey(identity: Ed25519Jwk | undefined): string[] {
  if (identity === undefined) return [];
  const publicKey = Buffer.from(identity.x, 'base64url');
  return [formatVerifierKey(verifierKey(`${LOG_ORIGIN}/log/0`, ED25519, publicKey))];
}

function text(file: string): string {
  return readFileSync(file, 'utf8').trim();
}
