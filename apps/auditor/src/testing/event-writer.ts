import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type MessageLog, type OutgoingRecord } from '@quorate/messaging';
import { identityJwk } from '@quorate/platform';
import { encodeRecord, eventData, recordSigner, topicNames } from '@quorate/protocol';

const { privateKey } = generateKeyPairSync('ed25519');
/** The identity of the auditor under test, the same after each start. */
export const auditorKey = generateKeyPairSync('ed25519').privateKey;
const KID = 'coordinator-1';

/** A service whose events the auditor under test knows, as in PEERS_FILE. */
export const peers = { peers: [{ kid: KID, role: 'coordinator', publicKey: identityJwk(privateKey) }] };

export interface TestEvent {
  type?: string;
  eventId?: string;
  correlationId?: string;
  occurredAt?: Date;
  payload?: object;
}

const signer = recordSigner(KID, privateKey);
let position = 0;

/** A correctly signed record for `topic`. */
export function eventRecord(topic: string, event: TestEvent = {}): OutgoingRecord {
  const { type = 'quorate.sign.requested.v1', correlationId = 'order-1', occurredAt = new Date() } = event;
  const streamId = `sign:alice:${correlationId}`;
  position += 1;
  const facts = {
    ...{ type, correlationId, occurredAt, streamId, streamPosition: position, causationId: correlationId },
    eventId: event.eventId ?? randomUUID(),
    actor: `/coordinator/${KID}`,
  };
  const data = eventData(facts, event.payload ?? {});
  const record = { typ: 'event', source: facts.actor, data, key: streamId, time: occurredAt } as const;
  return { topic, ...encodeRecord(record, signer) };
}

/** The topics that an auditor reads and writes. */
export async function ensureTopics(log: MessageLog, topicPrefix: string): Promise<void> {
  const names = topicNames(topicPrefix);
  await log.ensureTopics([names.events, names.state('auditor')].map((topic) => ({ topic, partitions: 1 })));
}

export async function write(log: MessageLog, records: OutgoingRecord[]): Promise<void> {
  const producer = await log.producer();
  await producer.send(records);
  await producer.close();
}
