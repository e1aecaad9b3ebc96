import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { DurableHalts } from '@quorate/halts';
import { type LogProducer, memoryMessageLog, type MessageLog, type OutgoingRecord } from '@quorate/messaging';
import { PeerDirectory, type PeerRole } from '@quorate/platform';
import { type Policy } from '@quorate/policy';
import {
  encodeRecord,
  type HaltStateInput,
  recordSigner,
  type ResumeStateInput,
  signDetached,
  streams,
  toHex,
} from '@quorate/protocol';
import { type NodeStand, openNodeStand } from '../testing/node-stand';
import { type TestNode, testNodes } from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { type Halting, openHalts } from './open-halts';
import { OperatorHalts } from './operator-halts';

jest.setTimeout(60_000);

const subject = { keyId: 'k_1', requesters: ['alice'] };

describe('the halts of a node', () => {
  const [own, other] = testNodes(2) as [TestNode, TestNode];
  const { topics, nodeId } = own.identity;
  const operator = generateKeyPairSync('ed25519');
  const services = new Map<string, { role: PeerRole; key: KeyObject }>([
    ['coordinator-1', { role: 'coordinator', key: generateKeyPairSync('ed25519').privateKey }],
    ['submitter', { role: 'submitter', key: generateKeyPairSync('ed25519').privateKey }],
    ['auditor', { role: 'auditor', key: generateKeyPairSync('ed25519').privateKey }],
    [other.identity.nodeId, { role: 'node', key: other.identity.identityKey }],
  ]);
  const peers = new PeerDirectory(
    [...services].map(([kid, { role, key }]) => ({ kid, role, publicKey: key })),
  );
  let stand: NodeStand;
  let log: MessageLog;
  let producer: LogProducer;
  let events: { type: string }[];
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    stand = await openNodeStand(own, [own, other], operator.publicKey);
    log = memoryMessageLog();
    producer = await log.producer();
    events = [];
    await stand.store.startDispatcher({
      send: async (records) =>
        void events.push(...records.map(({ value }) => JSON.parse(String(value)) as { type: string })),
      close: async () => undefined,
    });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await log.close();
    await stand.close();
  });

  /** A process of the node that starts now, and reads the state topics to their ends. */
  const start = async (at = stand): Promise<Halting> => {
    const config = {
      ...{ SELF_HALT_REFUSALS_PER_MINUTE: 0, SELF_HALT_RULES: [], SELF_HALT_SCOPE: 'requester' as const },
    };
    const halting = await openHalts(config, own.identity, at.store, at.policy, { log, peers }, at.logger);
    await halting.startReading(randomUUID());
    stops.push(() => halting.stop());
    return halting;
  };
  /** What a process remembers without reading any topic. */
  const remembered = async (): Promise<DurableHalts> => {
    const halts = new DurableHalts(streams.halts(nodeId), stand.store);
    await halts.load();
    return halts;
  };

  const record = (kid: string, data: HaltStateInput | ResumeStateInput, as = kid): OutgoingRecord => {
    const key = services.get(as)?.key;
    if (key === undefined) throw new Error(`there is no ${as}`);
    const signed = { typ: 'state' as const, source: `/service/${kid}`, data, key: data.id, time: new Date() };
    return { topic: topics.state(kid), ...encodeRecord(signed, recordSigner(kid, key)) };
  };
  const haltBy = (by: string, scope = 'all'): HaltStateInput => ({
    ...{ type: 'quorate.state.halt.v1', id: randomUUID(), haltId: toHex(randomBytes(32)), scope, by },
    ...{ reason: 'a transaction that nobody asked for', at: new Date().toISOString() },
  });
  const command = (content: object, key = operator.privateKey) => {
    const stamp = { expiry: new Date(Date.now() + 60_000).toISOString(), nonce: toHex(randomBytes(32)) };
    const bytes = Buffer.from(JSON.stringify({ ...content, ...stamp }));
    return { command: bytes, signatures: [signDetached(key, 'operator', 'operator-command', bytes)] };
  };
  const resumeOf = ({ scope, haltId }: HaltStateInput, key = operator.privateKey): ResumeStateInput => {
    const signed = command({ what: 'Resume', scope, halts: [haltId] }, key);
    return {
      ...{ type: 'quorate.state.resume.v1', id: randomUUID(), scope, halts: [haltId] },
      ...{ command: signed.command.toString('base64'), signatures: signed.signatures },
      at: new Date().toISOString(),
    };
  };

  it.each(['coordinator-1', 'submitter'])(
    'are taken from the state topic of %s, and kept',
    async (writer) => {
      const halt = haltBy(writer, 'requester:alice');
      await producer.send([record(writer, halt)]);
      const { halts } = await start();
      expect(halts.covering(subject)?.haltId).toBe(halt.haltId);
      expect((await remembered()).covering(subject)?.reason).toBe(halt.reason);
    },
  );

  it.each<[string, string, string, string]>([
    ['another node, on its own topic', other.identity.nodeId, other.identity.nodeId, other.identity.nodeId],
    ['an auditor, on its own topic', 'auditor', 'auditor', 'auditor'],
    ['a node that writes where the submitter may', other.identity.nodeId, other.identity.nodeId, 'submitter'],
    ['a node that calls itself submitter', 'submitter', other.identity.nodeId, 'submitter'],
    ["a submitter on a coordinator's topic", 'submitter', 'submitter', 'coordinator-1'],
  ])('are not taken from %s', async (_, kid, signer, topicOf) => {
    const forged = { ...record(kid, haltBy(kid), signer), topic: topics.state(topicOf) };
    await producer.send([forged]);
    const { halts } = await start();
    expect(halts.active()).toEqual([]);
  });

  it('end by a command of operators that a coordinator carries, and by nothing else that it says', async () => {
    const halt = haltBy('submitter');
    const stranger = generateKeyPairSync('ed25519').privateKey;
    await producer.send([
      record('submitter', halt),
      record('coordinator-1', resumeOf(halt, stranger)),
      record('coordinator-1', { ...resumeOf(halt), command: Buffer.from('{}').toString('base64') }),
    ]);
    const { halts } = await start();
    expect(halts.active()).toHaveLength(1);
    await producer.send([record('coordinator-1', resumeOf(halt))]);
    const again = await start();
    expect(again.halts.active()).toEqual([]);
    expect((await remembered()).active()).toEqual([]);
  });

  it('are the same for a node that was pushed and for one that was away', async () => {
    const { halts, operators } = await start();
    const scope = 'key:k_1';
    const signed = command({ what: 'Halt', scope, reason: 'drill' });
    await operators.halt(signed);
    const [pushed] = halts.active();
    const carried = { ...haltBy('operator', scope), haltId: pushed?.haltId ?? '', reason: 'drill' };
    const newer = haltBy('submitter', scope);
    // The resume lies on the topic before the halt that it ends; the newer halt stays.
    await producer.send([
      record('coordinator-1', resumeOf(carried)),
      record('coordinator-1', carried),
      record('coordinator-1', carried),
      record('submitter', newer),
    ]);
    await operators.resume(command({ what: 'Resume', scope, halts: [carried.haltId] }), []);
    await operators.halt(signed);

    const away = await openNodeStand(own, [own, other], operator.publicKey);
    try {
      const late = await start(away);
      expect(late.halts.active().map(({ haltId }) => haltId)).toEqual([newer.haltId]);
    } finally {
      await away.close();
    }
    const again = await start();
    expect(again.halts.active().map(({ haltId }) => haltId)).toEqual([newer.haltId]);
  });

  it('are in force at once and told once, though they come over both paths', async () => {
    const { halts, operators } = await start();
    const signed = command({ what: 'Halt', scope: 'all', reason: 'drill' });
    const first = operators.halt(signed);
    expect(halts.covering(subject)).toBeDefined();
    await Promise.all([first, operators.halt(signed)]);
    const [halt] = halts.active();
    await producer.send([record('coordinator-1', { ...haltBy('operator'), haltId: halt?.haltId ?? '' })]);
    await start();
    await waitFor('the event', () => events.length > 0);
    expect(events.map(({ type }) => type)).toEqual(['quorate.system.halted.v1']);
  });

  it('end by a resume that names none only where it was used first, over restarts and whoever carries it', async () => {
    const { operators } = await start();
    const scope = 'key:k_1';
    const [old, newer] = [haltBy('submitter', scope), haltBy('submitter', scope)];
    await producer.send([record('submitter', old)]);
    await start();
    const signed = command({ what: 'Resume', scope });
    await operators.resume(signed, [old.haltId]);
    await operators.resume(signed, [old.haltId]);
    const carried: ResumeStateInput = {
      ...resumeOf(newer),
      ...{ command: signed.command.toString('base64'), signatures: signed.signatures },
    };
    await producer.send([record('submitter', newer), record('coordinator-1', carried)]);
    const again = await start();
    expect(again.halts.active().map(({ haltId }) => haltId)).toEqual([newer.haltId]);
    const reused = again.operators.resume(signed, [old.haltId, newer.haltId]);
    await expect(reused).rejects.toMatchObject({ kind: 'refused', code: 'operator' });
    expect((await remembered()).active().map(({ haltId }) => haltId)).toEqual([newer.haltId]);
  });

  it('hold although they cannot be stored; a resume does not', async () => {
    const { halts, operators } = await start();
    await operators.halt(command({ what: 'Halt', scope: 'requester:alice', reason: 'drill' }));
    const [halt] = halts.active();
    const failing = new DurableHalts(streams.halts(nodeId), {
      ...stand.store,
      transaction: () => Promise.reject(new Error('away')),
    });
    const desk = new OperatorHalts(failing, stand.policy);
    await expect(desk.halt(command({ what: 'Halt', scope: 'all', reason: 'drill' }))).rejects.toThrow('away');
    expect(failing.covering(subject)?.scope).toBe('all');
    const end = command({ what: 'Resume', scope: 'all', halts: [failing.active()[0]?.haltId] });
    await expect(desk.resume(end, [])).rejects.toThrow('away');
    expect(failing.covering(subject)?.scope).toBe('all');
    expect((await remembered()).active()).toEqual([halt]);
  });

  it('outlive the policy that allowed them: a resume needs the operators of now', async () => {
    const { halts, operators } = await start();
    await operators.halt(command({ what: 'Halt', scope: 'all', reason: 'drill' }));
    const [halt] = halts.active();
    const policy: Policy = { ...stand.policy.current(), operatorsRequired: 2 };
    const stricter = new OperatorHalts(halts, { current: () => policy });
    const resume = command({ what: 'Resume', scope: 'all', halts: [halt?.haltId] });
    await expect(stricter.resume(resume, [])).rejects.toMatchObject({ code: 'operator' });
    expect(halts.active()).toEqual([halt]);
  });
});
