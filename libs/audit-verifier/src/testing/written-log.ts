import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { IdentityKeys } from '@quorate/platform';
import {
  encodeClientRecord,
  encodeRecord,
  eventData,
  type KeyLookup,
  type LogKeyLookup,
  recordSigner,
  requestHash,
  type SignRequestInput,
} from '@quorate/protocol';
import { type Checkpoint, eventLeaf, Frontier, leafHash } from '@quorate/transparency-log';
import { type LogLeaf, LogVerifier, type VerifierOptions, type VerifierReport } from '../log-verifier';

const SERVICES = ['coordinator-1', 'node-1', 'node-2', 'submitter'];
const keys = new Map(
  [...SERVICES, 'alice', 'mallory'].map((kid) => [kid, generateKeyPairSync('ed25519').privateKey]),
);
const keyOf = (kid: string) => keys.get(kid) ?? generateKeyPairSync('ed25519').privateKey;
/** The present keys of those who are named. */
const knows =
  (...kids: string[]): KeyLookup =>
  (kid) =>
    kids.includes(kid) ? createPublicKey(keyOf(kid)) : undefined;

export const services = knows(...SERVICES);
export const requesters = knows('alice', 'submitter');

/**
 * Gives `kid` a new key, with which it signs from now on.
 *
 * @param end the index from which on the former key signs nothing in the log; undefined while nobody has said so
 * @returns the lookup of somebody who knows that
 */
export function replaceKey(kid: string, end: number | undefined, lookup: LogKeyLookup): LogKeyLookup {
  const former = createPublicKey(keyOf(kid));
  keys.set(kid, generateKeyPairSync('ed25519').privateKey);
  const logs = end === undefined ? undefined : { '0': end };
  const known = new IdentityKeys(createPublicKey(keyOf(kid)), [{ publicKey: former, until: START, logs }]);
  return (name, place) => (name === kid ? known.inLog(place) : lookup(name, place));
}

export const KEY_ID = 'k_0123456789abcdef';
export const hex32 = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const START = Date.parse('2026-11-21T12:00:00Z');

/** A log of mpc.events, written by hand: the events of services, each signed by its own. */
export class WrittenLog {
  readonly leaves: LogLeaf[] = [];
  private readonly positions = new Map<string, number>();
  /** Seconds since the first event. */
  second = 0;

  /** Writes an event at the next position of its stream, unless told which. */
  event(
    kid: string,
    streamId: string,
    type: string,
    payload: object,
    position?: number,
    eventId: string = randomUUID(),
  ): this {
    const streamPosition = position ?? (this.positions.get(streamId) ?? 0) + 1;
    this.positions.set(streamId, streamPosition);
    const role = kid.startsWith('node') ? 'node' : kid.startsWith('coordinator') ? 'coordinator' : kid;
    const time = new Date(START + this.second * 1_000);
    const facts = {
      ...{ type, streamId, streamPosition, eventId, occurredAt: time },
      ...{ actor: `/${role}/${kid}`, causationId: 'cause', correlationId: 'story' },
    };
    const data = eventData(facts, payload);
    const record = encodeRecord(
      { typ: 'event', source: facts.actor, data, key: streamId, time },
      recordSigner(kid, keyOf(kid)),
    );
    return this.record(record.value, record.headers);
  }

  /** Writes any record. */
  record(value: Buffer, headers: Record<string, string>): this {
    const bytes = Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
    );
    const leaf = eventLeaf({ headers: bytes, value });
    this.leaves.push({ leaf, record: { headers: bytes, value } });
    return this;
  }

  /** The last record once more. */
  again(): this {
    const last = this.leaves.at(-1);
    if (last !== undefined) this.leaves.push(last);
    return this;
  }

  /** The head of the tree of the first `size` leaves. */
  head(size = this.leaves.length): Checkpoint {
    const frontier = Frontier.empty();
    for (const { leaf } of this.leaves.slice(0, size)) frontier.append(leafHash(leaf));
    return { origin: 'test/log/0', size, root: frontier.root() };
  }

  verify(options: Partial<VerifierOptions> = {}): VerifierReport {
    const verifier = new LogVerifier({ checkpoint: this.head(), services, requesters, ...options });
    for (const leaf of this.leaves) verifier.take(leaf);
    return verifier.report();
  }
}

/** What a client signed, as the events that hold it have it. */
export function clientBytes(requestId: string, kid = 'alice', requester = kid) {
  const data: SignRequestInput = {
    ...{ requestId, requester, keyId: KEY_ID, nonce: hex32(1), expiresAt: new Date(START).toISOString() },
    payload: { kind: 'eip191', message: '0x00' },
  };
  const time = new Date(START);
  const { value, headers } = encodeClientRecord(
    { typ: 'sign-request', data, key: requestId, time },
    recordSigner(kid, keyOf(kid)),
  );
  const hash = requestHash(value);
  return {
    requester,
    requestId,
    requestHash: hash,
    value: value.toString('base64'),
    jws: String(headers['jws']),
  };
}

/** The story of a request that two nodes signed. @param change leaves out or changes parts of it */
export function signed(
  log: WrittenLog,
  requestId: string,
  change: {
    presignature?: number;
    committee?: string[];
    sharesOf?: string[];
    isRequested?: boolean;
    requester?: string;
  } = {},
): WrittenLog {
  const { presignature = log.leaves.length, committee = ['node-1', 'node-2'], isRequested = true } = change;
  const { sharesOf = committee, requester = 'alice' } = change;
  const client = clientBytes(requestId, requester);
  const request = { requester, requestId, requestHash: client.requestHash };
  const presignatureId = `0x${presignature.toString(16).padStart(128, '0')}`;
  const stream = `sign:${requester}:${requestId}`;
  if (isRequested)
    log.event('coordinator-1', stream, 'quorate.sign.requested.v1', { ...client, keyId: KEY_ID });
  for (const node of sharesOf) {
    const share = { ...request, keyId: KEY_ID, attempt: 0, presignatureId };
    log.event(node, `${node}:${stream}`, 'quorate.sign.partial-issued.v1', share);
  }
  return log.event('coordinator-1', stream, 'quorate.sign.completed.v1', {
    ...{ ...request, keyId: KEY_ID, scheme: 'ecdsa-secp256k1', digest: hex32(2), committee, presignatureId },
    ...{ signature: { r: hex32(1), s: hex32(1), yParity: 0 }, publicKey: `0x02${'11'.repeat(32)}` },
    completedAt: new Date(START).toISOString(),
  });
}

/** A log that begins with the generation of its key. */
export function logWithKey(threshold = 2): WrittenLog {
  return new WrittenLog().event('coordinator-1', `key:${KEY_ID}`, 'quorate.key.generated.v1', {
    ...{ keyId: KEY_ID, scheme: 'ecdsa-secp256k1', epoch: 0, threshold, participants: ['node-1', 'node-2'] },
    ...{ publicKey: `0x02${'11'.repeat(32)}`, chainCode: hex32(3) },
  });
}

/** So long after what was written so far that nothing of it can still be on its way. */
export function muchLater(log: WrittenLog): WrittenLog {
  log.second += 3_600;
  return log
    .event('coordinator-1', 'node:node-1', 'quorate.node.joined.v1', { node: 'node-1' })
    .event('submitter', 'later', 'quorate.tx.new.v1', {});
}
