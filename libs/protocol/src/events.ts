import { type EventFacts } from './schemas/event';

/** The data of an event record: the common fields, then the payload; a payload cannot replace a common field. */
export function eventData(facts: EventFacts, payload: object): object & { readonly type: string } {
  const { type, eventId, streamId, streamPosition, causationId, correlationId, actor } = facts;
  const occurredAt = facts.occurredAt.toISOString();
  const common = { type, eventId, streamId, streamPosition, causationId, correlationId, occurredAt, actor };
  // The literal gives the order, `common` the values: spread into the literal it would cost five times as much.
  return Object.assign(
    { type, eventId, streamId, streamPosition, causationId, correlationId, occurredAt, actor, ...payload },
    common,
  );
}

/** A requester in the name of a stream: its colons are written %3A, so that no two requests or intents share a stream. */
const escaped = (requester: string): string => requester.replaceAll(':', '%3A');

/** Names of event streams: what happened to one thing, in order. */
export const streams = {
  /** At the coordinators. */
  sign: (requester: string, requestId: string): string => `sign:${escaped(requester)}:${requestId}`,
  nodeSign: (node: string, requester: string, requestId: string): string =>
    `${node}:sign:${escaped(requester)}:${requestId}`,
  transaction: (requester: string, intentId: string): string => `tx:${escaped(requester)}:${intentId}`,
  /** The transactions of one account on one chain. */
  lane: (chainId: string, address: string): string => `lane:${chainId}:${address}`,
  /** What concerns all lanes of a chain. */
  chain: (chainId: string): string => `chain:${chainId}`,
  key: (keyId: string): string => `key:${keyId}`,
  /** What happened to a key at one of its nodes. */
  nodeKey: (node: string, keyId: string): string => `${node}:key:${keyId}`,
  presign: (sessionId: string): string => `presign:${sessionId}`,
  /** What is in stock of a key. */
  stock: (keyId: string): string => `stock:${keyId}`,
  /** What coordinators saw of a node. */
  node: (nodeId: string): string => `node:${nodeId}`,
  /** What a node says of itself. */
  nodeItself: (node: string): string => `${node}:node`,
  /** One ceremony as one of its nodes saw it. */
  nodeCeremony: (node: string, sessionId: string): string => `${node}:ceremony:${sessionId}`,
  /** Of a node, or of all coordinators of one database. */
  halts: (owner: string): string => `halts:${owner}`,
  /** What was not delivered to an endpoint of webhooks. */
  webhook: (endpoint: string): string => `webhook:${endpoint}`,
  deadLetters: (service: string, series: string | number): string => `dead-letters:${service}:${series}`,
} as const;
