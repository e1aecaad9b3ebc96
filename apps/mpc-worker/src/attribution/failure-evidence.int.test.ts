import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { ceremonyFailedSchema, eventPayloadSchemas, SERVICE_VALUE_LIMIT, toHex } from '@quorate/protocol';
import { type FailureClass } from '@quorate/threshold';
import { type FailedCeremony } from '../ceremony/running-ceremonies';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { testNodes } from '../testing/test-nodes';
import { FailureEvidence } from './failure-evidence';

jest.setTimeout(60_000);

describe('the evidence of a failed ceremony', () => {
  const nodes = testNodes(2);
  const [own, peer] = nodes;
  if (own === undefined || peer === undefined) throw new Error('two nodes');
  let stand: NodeStand;

  beforeAll(async () => {
    stand = await openNodeStand(own, nodes, generateKeyPairSync('ed25519').publicKey);
  });
  afterAll(() => stand.close());

  const failedWith = (failureClass: FailureClass, evidence: Buffer[], accused?: number): FailedCeremony => ({
    order: {
      ...{ sessionId: randomBytes(32), purpose: 'presign', suite: 1, keyId: `k_${'ab'.repeat(32)}` },
      ...{ epoch: 0, threshold: 2, batch: 12, notAfter: 2_000_000_000, rnd: randomBytes(32) },
      ...{ oldEpoch: 0, dealers: [], receivers: [], newThreshold: 0, pairCounter: 0 },
      ...{ command: Buffer.alloc(0), signatures: [] },
      members: nodes.map(({ index, identity, publicKey }) => ({
        ...{ nodeId: identity.nodeId, index, identityKey: publicKey, bootId: identity.bootId },
      })),
    },
    failure: { failureClass, check: 'presign.r3.com', evidence, ...(accused !== undefined && { accused }) },
  });
  const record = (failed: FailedCeremony) =>
    stand.store.transaction(async (tx) =>
      new FailureEvidence(own.identity.nodeId, () => 2).record(tx, failed),
    );
  const stored = (sessionId: Buffer) =>
    stand.store.transaction((tx) =>
      tx.query<{ frame: Buffer }>('SELECT frame FROM failure_evidence WHERE session_id = $1', [sessionId]),
    );
  const eventsOf = async (sessionId: Buffer) => {
    const streamId = `${own.identity.nodeId}:ceremony:${toHex(sessionId)}`;
    const streams = await stand.store.transaction((tx) => tx.readStreams([streamId]));
    return (streams.get(streamId) ?? []).map(({ data }) => ceremonyFailedSchema.parse(data));
  };

  it('is stored with the event that carries it', async () => {
    const frames = [randomBytes(500), randomBytes(700)];
    const failed = failedWith('IDENT', frames, 2);
    const { sessionId } = failed.order;
    await record(failed);
    expect((await stored(sessionId)).map(({ frame }) => frame.length).sort()).toEqual([500, 700]);
    const [event] = await eventsOf(sessionId);
    expect(event).toMatchObject({
      ...{ node: own.identity.nodeId, class: 'IDENT', check: 'presign.r3.com' },
      accused: peer.identity.nodeId,
      session: { purpose: 'presign', parties: 2, batch: 12 },
    });
    expect(event?.evidence.map(({ frame }) => Buffer.from(frame ?? '', 'base64'))).toEqual(frames);
  });

  it('is not there when its transaction is not', async () => {
    const failed = failedWith('AGREE', [randomBytes(100)]);
    const { sessionId } = failed.order;
    const interrupted = stand.store.transaction(async (tx) => {
      new FailureEvidence(own.identity.nodeId, () => 2).record(tx, failed);
      throw new Error('the process dies here');
    });
    await expect(interrupted).rejects.toThrow('the process dies here');
    expect(await stored(sessionId)).toEqual([]);
    expect(await eventsOf(sessionId)).toEqual([]);
  });

  it('that is too large for a record is kept, and named by its hash', async () => {
    const frames = [200, 150, 100].map((kib) => randomBytes(kib * 1024));
    const failed = failedWith('IDENT', frames, 2);
    await record(failed);
    const [event] = await eventsOf(failed.order.sessionId);
    expect(event?.evidence.map(({ frame }) => frame !== undefined)).toEqual([true, true, false]);
    expect(JSON.stringify(event).length).toBeLessThan(SERVICE_VALUE_LIMIT - 64 * 1024);
    expect(await stored(failed.order.sessionId)).toHaveLength(3);
  });

  it('of a pair’s check is its name alone: nothing of what the check saw may leave', async () => {
    const failed = failedWith('BAN', [], 2);
    await record(failed);
    const [event] = await eventsOf(failed.order.sessionId);
    expect(event).toMatchObject({ class: 'BAN', accused: peer.identity.nodeId, evidence: [] });
    expect(eventPayloadSchemas['quorate.ceremony.failed.v1'].safeParse(event).success).toBe(true);
  });
});
