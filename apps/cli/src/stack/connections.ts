import { readFileSync } from 'node:fs';
import { AuditClient, ControlClient, QuorateClient } from '@quorate/client';
import { kafkaMessageLog, type KafkaMessageLogOptions, type MessageLog } from '@quorate/messaging';
import { type Ed25519Jwk, loadIdentityKey } from '@quorate/platform';
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
      coordinators: identities(stack, 'coordinator'),
      submitters: identities(stack, 'submitter'),
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
