import { readFileSync } from 'node:fs';
import { AuditClient, ControlClient, QuorateClient, type TrustedKeys } from '@quorate/client';
import { kafkaMessageLog, type KafkaMessageLogOptions, type MessageLog } from '@quorate/messaging';
import { type Ed25519Jwk, loadIdentityKey, PeerDirectory, type PeerRole } from '@quorate/platform';
import { type Stack } from './stack-file';

/** A client in the name of the stack's requester, for the time of `use`. */
export async function withClient<T>(stack: Stack, use: (client: QuorateClient) => Promise<T>): Promise<T> {
  const { kid, privateKeyFile } = stack.requester;
  const client = await QuorateClient.connect({
    ...kafkaOptions(stack, stack.kafka.sasl),
    topicPrefix: stack.kafka.topicPrefix,
    groupPrefix: stack.kafka.groupPrefix,
    requester: { kid, privateKey: loadIdentityKey(privateKeyFile) },
    trust: {
      coordinators: trusted(stack, 'coordinator'),
      submitters: trusted(stack, 'submitter'),
    },
    connectTimeoutMs: 10_000,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The control plane as the stack's operator, for the time of `use`. */
export async function withControl<T>(stack: Stack, use: (control: ControlClient) => Promise<T>): Promise<T> {
  const control = new ControlClient(stack.control);
  try {
    return await use(control);
  } finally {
    control.close();
  }
}

export function auditOf(stack: Stack): AuditClient {
  return new AuditClient(stack.audit);
}

/** The message log itself, as the operator sees it: for what only `doctor` looks at. */
export function messageLogOf(stack: Stack): MessageLog {
  return kafkaMessageLog({ ...kafkaOptions(stack, stack.kafka.operator.sasl), clientId: 'quorate-cli' });
}

/** The keys of one role's services at the time of each answer: they may be replaced while it is awaited. */
function trusted(stack: Stack, role: PeerRole): TrustedKeys {
  const { peers } = stack.files;
  if (peers === undefined) return identities(stack, role);
  return (kid) => PeerDirectory.load(peers).lookup(role)(kid);
}

/** The services of one role, by the beginning of their names. */
export function identities(stack: Stack, role: string): Record<string, Ed25519Jwk> {
  return Object.fromEntries(Object.entries(stack.identities).filter(([kid]) => kid.startsWith(role)));
}

function kafkaOptions(
  { kafka: { brokers, caFile } }: Stack,
  sasl: Stack['kafka']['sasl'],
): Pick<KafkaMessageLogOptions, 'brokers' | 'ssl' | 'sasl'> {
  return {
    brokers,
    ...(caFile === null ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
    ...(sasl === null ? {} : { sasl: { username: sasl.username, password: sasl.password } }),
  };
}
