import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type MessageLog, type OutgoingRecord } from '@quorate/messaging';
import { identityJwk } from '@quorate/platform';
import {
  encodeRecord,
  eventData,
  type NodeHeartbeatInput,
  recordSigner,
  topicNames,
} from '@quorate/protocol';

/** The identity of the auditor under test, the same after each start. */
export const auditorKey = generateKeyPairSync('ed25519').privateKey;
const KID = 'coordinator-1';
const SERVICES = [
  { kid: KID, role: 'coordinator' },
  { kid: 'submitter', role: 'submitter' },
  ...['node-1', 'node-2', 'node-3'].map((kid) => ({ kid, role: 'node' })),
].map((service) => ({ ...service, privateKey: generateKeyPairSync('ed25519').privateKey }));

/** The services whose records the auditor under test knows, as in PEERS_FILE. */
export const peers = {
  peers: SERVICES.map(({ kid, role, privateKey }) => ({ kid, role, publicKey: identityJwk(privateKey) })),
};

export interface TestEvent {
  /** Who writes it; the coordinator unless told otherwise. */
  kid?: string;
  type?: string;
  eventId?: string;
  correlationId?: string;
  occurredAt?: Date;
  payload?: object;
}

let position = 0;

/** A correctly signed record for `topic`. */
export function eventRecord(topic: string, event: TestEvent = {}): OutgoingRecord {
  const { type = 'quorate.sign.requested.v1', correlationId = 'order-1', occurredAt = new Date() } = event;
  const streamId = `sign:alice:${correlationId}`;
  const { source, signer } = service(event.kid ?? KID);
  position += 1;
  const facts = {
    ...{ type, correlationId, occurredAt, streamId, streamPosition: position, causationId: correlationId },
    eventId: event.eventId ?? randomUUID(),
    actor: source,
  };
  const data = eventData(facts, event.payload ?? {});
  const record = { typ: 'event', source: facts.actor, data, key: streamId, time: occurredAt } as const;
  return { topic, ...encodeRecord(record, signer) };
}

/** The heartbeat of a node. */
export function heartbeatRecord(
  topic: string,
  kid: string,
  change: Partial<NodeHeartbeatInput> = {},
): OutgoingRecord {
  const { source, signer } = service(kid);
  const data: NodeHeartbeatInput = {
    ...{ type: 'quorate.node.heartbeat.v1', id: randomUUID(), node: kid, bootId: `0x${'ab'.repeat(16)}` },
    ...{ version: '0.1.0', ready: true, ledgerCount: 41, stock: [], deadPairs: [] },
    ...{ policyHash: `0x${'5e'.repeat(32)}`, at: new Date().toISOString(), ...change },
  };
  return { topic, ...encodeRecord({ typ: 'heartbeat', source, data, key: kid, time: new Date() }, signer) };
}

function service(kid: string) {
  const known = SERVICES.find((service) => service.kid === kid);
  if (known === undefined) throw new Error(`${kid} is no service of the test`);
  return { source: `/${known.role}/${kid}`, signer: recordSigner(kid, known.privateKey) };
}

/** The topics that an auditor reads and writes. */
export async function ensureTopics(log: MessageLog, topicPrefix: string): Promise<void> {
  const names = topicNames(topicPrefix);
  await log.ensureTopics(
    [names.events, names.heartbeats, names.state('auditor')].map((topic) => ({ topic, partitions: 1 })),
  );
}

export async function write(log: MessageLog, records: OutgoingRecord[]): Promise<void> {
  const producer = await log.producer();
  await producer.send(records);
  await producer.close();
}
