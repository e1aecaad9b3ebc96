import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { publicKeyBytes } from '@quorate/platform';
import { topicNames } from '@quorate/protocol';
import {
  type Certificate,
  createKeygenSession,
  createPairJudge,
  createPresignSession,
  createReshareSession,
  ed25519FrameSigner,
  encodePendingKeyShare,
  type FrameSigner,
  type KeyShare,
  type PendingReshare,
  type PresignatureBatch,
  type PresignStart,
  type Reshared,
  type ReshareStart,
  type Session,
  type SessionStart,
  systemRandom,
} from '@quorate/threshold';
import { NodeIdentity } from '../identity/node-identity';

/** A node of a test: party `index` of every key. */
export interface TestNode {
  readonly index: number;
  readonly identity: NodeIdentity;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Buffer;
  readonly sign: FrameSigner;
}

/** node-1, node-2, … with fresh identities. */
export function testNodes(count: number): TestNode[] {
  return Array.from({ length: count }, (_, n) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return {
      index: n + 1,
      identity: new NodeIdentity(`node-${n + 1}`, privateKey, topicNames('')),
      publicKey: publicKeyBytes(privateKey),
      sign: ed25519FrameSigner(privateKey),
    };
  });
}

/** A key as key generation leaves it at its nodes, by index; also the pending shares of before, encoded. */
export interface TestKey {
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly pending: ReadonlyMap<number, Buffer>;
}

/** A key of all these nodes, made by a real key generation. */
export function generateKey(nodes: readonly TestNode[], threshold: number): TestKey {
  const start: SessionStart = { ...facts(nodes, threshold, nodes.length), purpose: 'dkg' };
  const pending = new Map<number, Buffer>();
  const sessions = nodes.map(({ index, sign }) => {
    const session = createKeygenSession({ start, index, sign, random: systemRandom });
    return [index, session] as const;
  });
  const shares = deliverAll(new Map(sessions), (index, share) =>
    pending.set(index, Buffer.from(encodePendingKeyShare(share))),
  );
  return { shares, pending };
}

/** What a presigning of these nodes, which hold a share of the key each, starts with. */
export function presignStart(key: TestKey, nodes: readonly TestNode[], batch: number): PresignStart {
  const [share] = key.shares.values();
  if (share === undefined) throw new Error('a key has shares');
  const { keyId, epoch, threshold, parties } = share;
  return { ...facts(nodes, threshold, parties), purpose: 'presign', keyId, epoch, batch };
}

/** One node's end of a presigning. */
export function presignSession(
  key: TestKey,
  { index, sign }: TestNode,
  start: SessionStart,
): Session<PresignatureBatch> {
  const keyShare = key.shares.get(index);
  if (keyShare === undefined) throw new Error(`node ${index} has no share`);
  const judge = createPairJudge(new Set(), () => undefined);
  return createPresignSession({ start, index, sign, random: systemRandom, keyShare, judge });
}

/** Presignatures of these nodes, by index. */
export function presign(
  key: TestKey,
  nodes: readonly TestNode[],
  batch: number,
): Map<number, PresignatureBatch> {
  const start = presignStart(key, nodes, batch);
  return deliverAll(new Map(nodes.map((node) => [node.index, presignSession(key, node, start)])));
}

/** A reshare of the key by these dealers to these receivers, run to its end. */
export function reshareKey(
  key: TestKey,
  dealers: readonly TestNode[],
  receivers: readonly TestNode[],
  to: { readonly threshold: number; readonly epoch: number },
): {
  readonly certificate: Certificate;
  readonly results: ReadonlyMap<number, Reshared>;
  readonly pendingReshares: ReadonlyMap<number, PendingReshare>;
} {
  const [share] = key.shares.values();
  if (share === undefined) throw new Error('a key has shares');
  const { keyId, threshold, parties, certificate, identities } = share;
  const members = [...new Set([...dealers, ...receivers])];
  const start: ReshareStart = {
    ...facts(members, threshold, parties),
    ...{ purpose: 'reshare', suite: share.suite, keyId, oldEpoch: share.epoch, epoch: to.epoch },
    ...{ dealers: dealers.map(({ index }) => index), receivers: receivers.map(({ index }) => index) },
    newThreshold: to.threshold,
  };
  const pendingReshares = new Map<number, PendingReshare>();
  const sessions = members.map(({ index, sign }) => {
    const own = key.shares.get(index)?.share;
    const old = { certificate, identities, ...(own && { share: own }) };
    const config = { start, index, sign, random: systemRandom, old, lastEpoch: share.epoch };
    return [index, createReshareSession(config)] as const;
  });
  const results = deliverAll(new Map(sessions), (index, pending) => pendingReshares.set(index, pending));
  const [result] = results.values();
  if (result === undefined) throw new Error('nothing came out of the reshare');
  return { certificate: result.certificate, results, pendingReshares };
}

/** What every session of these nodes starts with, unless it says something else. */
export function facts(nodes: readonly TestNode[], threshold: number, parties: number) {
  return {
    ...{ suite: 1 as const, epoch: 0, threshold, parties, rnd: randomBytes(32) },
    participants: nodes.map(({ index, publicKey, identity }) => ({
      ...{ index, identityKey: publicKey, bootId: identity.bootId },
    })),
    notAfter: Math.floor(Date.now() / 1000) + 300,
  };
}

/** Delivers all frames among sessions that end well; returns their results. */
export function deliverAll<R, P>(
  sessions: ReadonlyMap<number, Session<R, P>>,
  onPending: (index: number, pending: P) => void = () => undefined,
): Map<number, R> {
  const results = new Map<number, R>();
  const queue: { to: number; frame: Uint8Array }[] = [];
  const take = (from: number, { pending, outgoing, outcome }: ReturnType<Session<R, P>['start']>): void => {
    if (pending !== undefined) onPending(from, pending);
    if (outcome?.kind === 'failure') throw outcome.failure;
    if (outcome !== undefined) results.set(from, outcome.value);
    for (const { to, frame } of outgoing) {
      const receivers = to === 'all' ? [...sessions.keys()].filter((index) => index !== from) : [to];
      queue.push(...receivers.map((receiver) => ({ to: receiver, frame })));
    }
  };
  for (const [index, session] of sessions) take(index, session.start());
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const session = sessions.get(next.to);
    if (session !== undefined) take(next.to, session.receive(next.frame));
  }
  return results;
}
