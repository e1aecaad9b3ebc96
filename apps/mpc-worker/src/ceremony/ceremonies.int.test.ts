import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { DurableHalts } from '@quorate/halts';
import { type LogProducer, memoryMessageLog, type MessageLog, recordsOf } from '@quorate/messaging';
import { identityJwk, PeerDirectory } from '@quorate/platform';
import {
  type CeremonyEnded,
  ceremonyEndedSchema,
  type NodeStateInput,
  streams,
  toHex,
} from '@quorate/protocol';
import {
  BROADCAST,
  encodeFrame,
  encodeOnlineShare,
  FRAME_TYPES,
  healthRequest,
  isConsumed,
  onlineShare,
  type PresignatureBatch,
  type PresignStart,
  type Session,
  sessionId,
  type SessionStart,
  wipeNonce,
} from '@quorate/threshold';
import { keyIdText } from '../key-share/key-epoch';
import { NodeIdentity } from '../identity/node-identity';
import { type NodeKeys } from '../key-share/node-keys';
import { PeerRegistry } from '../peer-registry/peer-registry';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { RoundInbox } from '../round-inbox/round-inbox';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { startFromSource } from '../testing/start-from-source';
import {
  generateKey,
  presign,
  presignSession,
  presignStart,
  type TestKey,
  type TestNode,
  testNodes,
} from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { Ceremonies } from './ceremonies';
import { type FailedCeremony } from './running-ceremonies';
import { type CeremonyOrder } from './ceremony-order';
import { HealthChecks } from './health-check';
import { ProtocolThread } from './protocol-thread';

jest.setTimeout(60_000);

/** node-1 with its protocol thread and database; node-2 is played by the test, at the other end of the topics. */
describe('the ceremonies of a node', () => {
  const nodes = testNodes(2);
  const [own, peer] = nodes as [TestNode, TestNode];
  const { topics } = own.identity;
  let key: TestKey;
  let log: MessageLog;
  let producer: LogProducer;
  let stand: NodeStand;
  let held: NodeKeys;
  let pool: PresignaturePool;
  let thread: ProtocolThread;
  let inbox: RoundInbox;
  let ceremonies: Ceremonies;
  let health: HealthChecks;
  let halts: DurableHalts;
  let ended: CeremonyEnded[];
  let failures: FailedCeremony[];
  /** Frames in node-2's inbox. */
  let received: Buffer[];
  const stops: (() => Promise<void> | void)[] = [];

  beforeAll(() => {
    key = generateKey(nodes, 2);
  });

  beforeEach(async () => {
    [ended, received, failures] = [[], [], []];
    log = memoryMessageLog();
    producer = await log.producer();
    stand = await openNodeStand(own, nodes, generateKeyPairSync('ed25519').publicKey);
    const { store, hold, policy, logger } = stand;
    await store.startDispatcher(producer);
    pool = new PresignaturePool();
    held = stand.newKeys(pool);
    const { keys, shares } = held;
    const directory = new PeerDirectory(
      nodes.map(({ identity }) => ({
        kid: identity.nodeId,
        role: 'node' as const,
        publicKey: createPublicKey(identity.identityKey),
      })),
    );
    const peers = new PeerRegistry(log, topics, directory, logger);
    inbox = new RoundInbox(log, topics, directory, own.identity.nodeId, logger);
    halts = new DurableHalts(streams.halts(own.identity.nodeId), store);
    health = new HealthChecks(store, keys, shares, inbox, own.sign, logger, () => undefined);
    ceremonies = new Ceremonies({
      ...{ identity: own.identity, store, hold, ...held, pool, peers, inbox, policy, health, logger },
      whenFailed: (_, failed) => failures.push(failed),
      stockNonces: (batch) => batch.nonces.forEach(wipeNonce),
      halts,
      identityOf: (nodeId) => nodes.find(({ identity }) => identity.nodeId === nodeId)?.publicKey,
    });
    thread = new ProtocolThread(
      own.identity.identityKey,
      {
        step: (step) => ceremonies.step(step),
        verdict: (verdict) => ceremonies.verdict(verdict),
        pairAnnounced: async () => undefined,
        fatal: (error) => stand.logger.error({ err: error }, 'fatal'),
      },
      startFromSource,
    );
    ceremonies.attach(thread);
    const share = key.shares.get(own.index);
    if (share === undefined) throw new Error('node-1 has no share');
    await keys.activate(share, randomBytes(32), () => undefined);
    await stand.newKeyRing().load((keyId, encoded) => ceremonies.loadShare(keyId, encoded));
    await boot(peer.identity.bootId);
    peers.whenRestarted((node) => ceremonies.abandonSessionsWith(node));
    await peers.start(own.identity.nodeId, 'state');
    await inbox.start('rounds', (id, frame) => ceremonies.receive(id, frame));
    await listen();
    stops.push(
      () => ceremonies.stop(),
      () => thread.stop(),
      () => peers.stop(),
      () => inbox.stop(),
    );
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await stand.close();
    await log.close();
    expect(stand.logged.filter((line) => line.includes('fatal'))).toEqual([]);
  });

  /** node-2 says with which boot ids it runs, one life after the other. */
  const boot = async (...bootIds: Buffer[]): Promise<void> => {
    const { identity } = peer;
    const { nodeId, identityKey } = identity;
    const records = bootIds.map((bootId) => {
      const state: NodeStateInput = {
        ...{ type: 'quorate.state.node.v1', id: randomUUID(), node: nodeId, version: '0.1.0' },
        ...{ identity: identityJwk(identityKey), bootId: toHex(bootId), at: new Date().toISOString() },
      };
      return identity.record(topics.state(nodeId), 'state', nodeId, state);
    });
    await producer.send(records);
  };

  const listen = async (): Promise<void> => {
    const read = (topic: string, take: (value: Buffer) => void) =>
      log.subscribe({
        ...{ topic, group: randomUUID(), start: 'earliest' },
        handle: async (batches) => {
          for (const { value } of recordsOf(batches)) if (value !== null) take(value);
        },
      });
    const running = [
      await read(topics.partials, (value) => {
        ended.push(ceremonyEndedSchema.parse(JSON.parse(value.toString())));
      }),
      await read(topics.rounds(peer.identity.nodeId), (frame) => received.push(frame)),
    ];
    stops.push(...running.map((subscription) => () => subscription.stop()));
  };

  const orderOf = (start: PresignStart, bootOfPeer = peer.identity.bootId): CeremonyOrder => ({
    sessionId: sessionId(start),
    purpose: 'presign',
    suite: 1,
    keyId: keyIdText(Buffer.from(start.keyId)),
    epoch: 0,
    threshold: 2,
    batch: start.batch,
    notAfter: start.notAfter,
    rnd: Buffer.from(start.rnd),
    ...{ oldEpoch: 0, dealers: [], receivers: [], newThreshold: 0, pairCounter: 0 },
    command: Buffer.alloc(0),
    signatures: [],
    members: nodes.map(({ index, identity, publicKey }) => ({
      ...{ nodeId: identity.nodeId, index, identityKey: publicKey },
      bootId: index === peer.index ? bootOfPeer : identity.bootId,
    })),
  });

  type Step = ReturnType<Session<PresignatureBatch>['start']>;
  const send = (start: SessionStart, { outgoing }: Step): Promise<void> =>
    producer.send(
      outgoing.map(({ frame }) => ({
        topic: topics.rounds(own.identity.nodeId),
        key: sessionId(start).toString('hex'),
        value: Buffer.from(frame),
        headers: { node: peer.identity.nodeId },
      })),
    );

  /** Lets node-2 answer until its session ends; resolves with its presignatures. */
  const playOn = async (
    start: SessionStart,
    session: Session<PresignatureBatch>,
  ): Promise<PresignatureBatch> => {
    for (let next = 0; ; next += 1) {
      await waitFor('a frame for node-2', () => received.length > next);
      const step = session.receive(received[next] ?? Buffer.of());
      await send(start, step);
      if (step.outcome?.kind === 'failure') throw step.outcome.failure;
      if (step.outcome !== undefined) return step.outcome.value;
    }
  };

  it('take part with rounds that came before the order', async () => {
    const start = presignStart(key, nodes, 2);
    const session = presignSession(key, peer, start);
    await send(start, session.start());
    // Rounds of a session that is never announced are in nobody's way.
    const never = presignStart(key, nodes, 2);
    await send(never, presignSession(key, peer, never).start());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(received).toEqual([]);

    await ceremonies.join(orderOf(start));
    const theirs = await playOn(start, session);
    await waitFor('the stock', () => pool.list().length === 1);
    const [batch] = pool.list();
    expect(batch?.presignatures.map((ours) => ours?.id)).toEqual(
      theirs.presignatures.map(({ presignatureId }) => presignatureId),
    );
    await waitFor('the report', () => ended.length === 1);
    expect(ended[0]).toMatchObject({
      outcome: 'ok',
      sessionId: toHex(sessionId(start)),
      h2: toHex(theirs.h2),
    });
  });

  it('fail at once when rounds that came before the order had to be dropped', async () => {
    const start = presignStart(key, nodes, 2);
    const { suite, epoch, keyId } = start;
    const frameOf = (sid: Buffer): Buffer => {
      const slot = { type: FRAME_TYPES.presign, round: 1, from: peer.index, to: BROADCAST };
      const header = { ...slot, suite, epoch, sid, keyId: Buffer.from(keyId) };
      return Buffer.from(encodeFrame(header, Buffer.alloc(8_000_000), peer.sign));
    };
    const flood = (sid: Buffer): Promise<void> =>
      producer.send([
        {
          topic: topics.rounds(own.identity.nodeId),
          key: null,
          value: frameOf(sid),
          headers: { node: peer.identity.nodeId },
        },
      ]);
    await flood(sessionId(start));
    for (let n = 0; n < 8; n += 1) await flood(randomBytes(32));
    await waitFor('the drop', () => inbox.dropped().get(peer.identity.nodeId) === 1);
    expect(stand.logged.filter((line) => line.includes('round messages dropped'))).toHaveLength(1);

    await ceremonies.join(orderOf(start));
    await waitFor('the report', () => ended.length === 1);
    expect(ended[0]).toMatchObject({
      ...{ outcome: 'failed', sessionId: toHex(sessionId(start)) },
      failure: { class: 'TIMEOUT', check: 'messages-dropped' },
    });
    // Anyone can send again what node-2 once signed.
    expect(ended[0]).not.toHaveProperty('failure.accused');
    expect(received).toEqual([]);
  });

  it('do not begin with a member that restarts again while the record of its life was awaited', async () => {
    const reborn = new NodeIdentity(peer.identity.nodeId, peer.identity.identityKey, topics);
    const start = presignStart(key, [own, { ...peer, identity: reborn }], 2);
    const joined = ceremonies.join(orderOf(start, reborn.bootId));
    const refused = expect(joined).rejects.toThrow(/a boot id differs/);
    await new Promise((resolve) => setImmediate(resolve));
    await boot(reborn.bootId, randomBytes(16));
    await refused;
    expect(received).toEqual([]);
  });

  it('are abandoned when a member restarts', async () => {
    const start = presignStart(key, nodes, 2);
    const session = presignSession(key, peer, start);
    await ceremonies.join(orderOf(start));
    await waitFor('the first round of node-1', () => received.length === 2);

    await boot(randomBytes(16));
    await waitFor('the report', () => ended.length === 1);
    expect(ended[0]).toMatchObject({
      ...{ outcome: 'failed', sessionId: toHex(sessionId(start)), node: 'node-1' },
      failure: { class: 'TIMEOUT', check: 'member-restarted' },
    });
    expect(failures).toMatchObject([{ failure: { failureClass: 'TIMEOUT', evidence: [] } }]);

    await send(start, session.start());
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(received).toHaveLength(2);
    expect(pool.list()).toEqual([]);
    await expect(ceremonies.join(orderOf(start))).rejects.toMatchObject({ kind: 'refused' });
  });

  it('give no presignatures of a key that was retired while they ended', async () => {
    const start = presignStart(key, nodes, 1);
    const order = orderOf(start);
    const steps: Promise<void>[] = [];
    let isEnding = false;
    const step = ceremonies.step.bind(ceremonies);
    jest.spyOn(ceremonies, 'step').mockImplementation((next) => {
      isEnding = next.outcome !== undefined;
      steps.push(step(next));
      return Promise.all(steps).then(() => undefined);
    });
    jest.spyOn(stand.hold, 'whenHeld').mockImplementation(async () => {
      if (isEnding) ceremonies.keyRetired(order.keyId);
    });
    await ceremonies.join(order);
    const session = presignSession(key, peer, start);
    await send(start, session.start());
    await playOn(start, session);
    await waitFor('the last step', () => isEnding);
    await Promise.all(steps);
    expect(pool.list()).toEqual([]);
    await waitFor('the report', () => ended.length === 1);
    expect(ended[0]).toMatchObject({ outcome: 'failed', failure: { check: 'key-retired' } });
  });

  it('of health leave no place of a member to what nobody signed, and nothing of the presignature', async () => {
    const order: CeremonyOrder = { ...orderOf(presignStart(key, nodes, 1)), purpose: 'health' };
    const id = order.sessionId.toString('hex');
    const batches = presign(key, nodes, 1);
    const [ours, theirs] = [batches.get(own.index), batches.get(peer.index)];
    const share = key.shares.get(peer.index);
    const presignature = theirs?.presignatures[0];
    if (!ours || !theirs || !presignature || !share) throw new Error('node-1 and node-2 have a presignature');
    const request = healthRequest(share, presignature.presignatureId, theirs.committee);
    const signed = onlineShare(presignature, request);
    if (signed.kind === 'burn') throw new Error('it has happened');
    const { suite, epoch, keyId } = share;
    const slot = { type: FRAME_TYPES.online, round: 1, from: peer.index, to: BROADCAST } as const;
    const header = { ...slot, suite, epoch, keyId, sid: order.sessionId };
    const frame = Buffer.from(encodeFrame(header, encodeOnlineShare(signed.share), peer.sign));
    const forged = Buffer.from(encodeFrame(header, encodeOnlineShare(signed.share), own.sign));

    health.begin(order);
    for (const sent of [forged, Buffer.from(forged).fill(0, 76), frame]) {
      expect(health.receive(id, sent)).toBe(true);
    }
    const reported = new Promise((resolve) => void health.sign(order, ours, resolve));
    expect(await reported).toEqual({ outcome: 'ok' });
    expect(ours.presignatures.every(isConsumed)).toBe(true);
  });

  it('are not joined while the key is halted', async () => {
    const start = presignStart(key, nodes, 2);
    const order = orderOf(start);
    const halt = { haltId: toHex(randomBytes(32)), reason: 'drill', by: 'operator' };
    await halts.take({ kind: 'halt', ...halt, scope: 'requester:alice' });
    await halts.take({ kind: 'halt', ...halt, scope: `key:${order.keyId}` });
    await expect(ceremonies.join(order)).rejects.toMatchObject({ kind: 'refused', code: 'halted' });
    await halts.take({ kind: 'resume', scope: `key:${order.keyId}`, halts: [halt.haltId] });
    await ceremonies.join(order);
  });

  it('go on when a member only says again that it runs', async () => {
    const start = presignStart(key, nodes, 1);
    await ceremonies.join(orderOf(start));
    await boot(peer.identity.bootId);
    const session = presignSession(key, peer, start);
    await send(start, session.start());
    await playOn(start, session);
    await waitFor('the stock', () => pool.list().length === 1);
  });
});
