import {
  BROADCAST,
  encodeFrame,
  encodeKeyShare,
  type FrameSigner,
  parseFrame,
  sessionId,
  type SessionStart,
} from '@quorate/threshold';
import { startFromSource } from '../testing/start-from-source';
import {
  generateKey,
  presignSession,
  presignStart,
  type TestKey,
  type TestNode,
  testNodes,
} from '../testing/test-nodes';
import { waitFor } from '../../../../test/integration/until';
import { ProtocolThread } from './protocol-thread';
import { type SessionStep, type Verdict } from './thread-messages';

jest.setTimeout(60_000);

const KEY_ID = 'k_test';

/** Real threads: node-1's protocol thread, and node-2's side of two sessions, of which one cheats. */
describe('a pair that fails a check', () => {
  const nodes = testNodes(2);
  const [own, peer] = nodes as [TestNode, TestNode];
  let key: TestKey;
  let thread: ProtocolThread;
  let steps: SessionStep[];
  let verdicts: Verdict[];
  let fatal: Error[];
  /** Ends the storing of the verdict. */
  let stored: (error?: Error) => void;

  beforeAll(() => {
    key = generateKey(nodes, 2);
  });
  beforeEach(() => {
    [steps, verdicts, fatal] = [[], [], []];
    thread = new ProtocolThread(
      own.identity.identityKey,
      {
        step: async (step) => void steps.push(step),
        verdict: (verdict) => {
          verdicts.push(verdict);
          return new Promise((resolve, reject) => {
            stored = (error) => (error === undefined ? resolve() : reject(error));
          });
        },
        pairAnnounced: async () => undefined,
        fatal: (error) => void fatal.push(error),
      },
      startFromSource,
    );
    const share = key.shares.get(own.index);
    if (share === undefined) throw new Error('node-1 has no share');
    thread.post({ kind: 'load-share', keyId: KEY_ID, share: encodeKeyShare(share), deadPeers: [] });
  });
  afterEach(() => thread.stop());

  const nameOf = (start: SessionStart): string => sessionId(start).toString('hex');
  const stepsOf = (start: SessionStart): SessionStep[] =>
    steps.filter((step) => step.sessionId === nameOf(start));
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Starts a session at node-1; returns the frames of node-2's first round. */
  const begin = async (start: SessionStart): Promise<Buffer[]> => {
    thread.post({ kind: 'start', start, index: own.index, keyId: KEY_ID });
    await waitFor('the first round', () => stepsOf(start).length === 1, 50_000);
    return presignSession(key, peer, start)
      .start()
      .outgoing.map(({ frame }) => Buffer.from(frame));
  };

  /** Brings both sessions to the point where node-2's first round decides; the bad one comes first. */
  const cheat = async (): Promise<{ bad: SessionStart; honest: SessionStart }> => {
    const [bad, honest] = [presignStart(key, nodes, 1), presignStart(key, nodes, 1)];
    const [badFrames, honestFrames] = [await begin(bad), await begin(honest)];
    for (const frame of badFrames)
      thread.post({ kind: 'frame', sessionId: nameOf(bad), frame: spoiled(frame, peer.sign) });
    for (const frame of honestFrames) thread.post({ kind: 'frame', sessionId: nameOf(honest), frame });
    await waitFor('the verdict', () => verdicts.length === 1);
    return { bad, honest };
  };

  it('answers nothing, in no session, before the verdict is stored, and is refused everywhere afterwards', async () => {
    const { bad, honest } = await cheat();
    expect(verdicts).toEqual([
      { kind: 'verdict', sessionId: nameOf(bad), keyId: KEY_ID, epoch: 0, peer: peer.index },
    ]);
    await pause(500);
    expect([stepsOf(bad).length, stepsOf(honest).length]).toEqual([1, 1]);

    stored();
    await waitFor('the end of both', () => steps.length === 4);
    const failure = (check: string) => ({
      outgoing: [],
      outcome: { kind: 'failure', failure: { failureClass: 'BAN', check, accused: peer.index } },
    });
    expect(stepsOf(bad)[1]).toMatchObject(failure('presign.r1.ote'));
    expect(stepsOf(honest)[1]).toMatchObject(failure('pair-dead'));
    expect(verdicts).toHaveLength(1);
    expect(fatal).toEqual([]);
  });

  it('is never answered again when the verdict cannot be stored: the process must end', async () => {
    const { bad, honest } = await cheat();
    stored(new Error('the database is gone'));
    await waitFor('the end of the process', () => fatal.length === 1);
    expect(fatal[0]?.message).toBe('the database is gone');
    const other = presignStart(key, nodes, 1);
    thread.post({ kind: 'start', start: other, index: own.index, keyId: KEY_ID });
    await pause(500);
    expect([bad, honest, other].map((start) => stepsOf(start).length)).toEqual([1, 1, 0]);
  });

  it('is told apart from an honest pair, which is answered', async () => {
    const start = presignStart(key, nodes, 1);
    for (const frame of await begin(start)) thread.post({ kind: 'frame', sessionId: nameOf(start), frame });
    await waitFor('the second round', () => stepsOf(start).length === 2);
    expect(stepsOf(start)[1]?.outgoing).toHaveLength(2);
    expect(verdicts).toEqual([]);
  });
});

/** A thread that judges two pairs of one key: node-2 cheats, node-3 does not. */
describe('a pair that died', () => {
  const nodes = testNodes(3);
  const [own, cheater, honest] = nodes as [TestNode, TestNode, TestNode];
  let key: TestKey;
  let thread: ProtocolThread;
  let steps: SessionStep[];

  beforeAll(() => {
    key = generateKey(nodes, 2);
  });
  beforeEach(() => {
    steps = [];
    thread = new ProtocolThread(
      own.identity.identityKey,
      {
        step: async (step) => void steps.push(step),
        verdict: async ({ keyId, epoch, peer }) => thread.post({ kind: 'kill-pair', keyId, epoch, peer }),
        pairAnnounced: async () => undefined,
        fatal: (error) => void steps.push({ kind: 'step', sessionId: error.message, outgoing: [] }),
      },
      startFromSource,
    );
    const share = key.shares.get(own.index);
    if (share === undefined) throw new Error('node-1 has no share');
    thread.post({ kind: 'load-share', keyId: KEY_ID, share: encodeKeyShare(share), deadPeers: [] });
  });
  afterEach(() => thread.stop());

  const stepsOf = (start: SessionStart): SessionStep[] =>
    steps.filter((step) => step.sessionId === sessionId(start).toString('hex'));
  const post = (start: SessionStart, frame: Uint8Array): void =>
    thread.post({ kind: 'frame', sessionId: sessionId(start).toString('hex'), frame });

  it('does not hurt a session with another peer that is under way', async () => {
    const [bad, good] = [presignStart(key, [own, cheater], 1), presignStart(key, [own, honest], 1)];
    for (const start of [bad, good]) {
      thread.post({ kind: 'start', start, index: own.index, keyId: KEY_ID });
      await waitFor('the first round', () => stepsOf(start).length === 1, 50_000);
    }
    for (const { frame } of presignSession(key, cheater, bad).start().outgoing) {
      post(bad, spoiled(Buffer.from(frame), cheater.sign));
    }
    await waitFor('the end of the bad one', () => stepsOf(bad).length === 2);

    // The seeds of the dead pair are wiped by now; the other pair goes on to its presignatures.
    const session = presignSession(key, honest, good);
    for (const { frame } of session.start().outgoing) post(good, Buffer.from(frame));
    for (let n = 0; stepsOf(good).at(-1)?.outcome === undefined; n += 1) {
      await waitFor('the next round', () => stepsOf(good).length > n);
      for (const { frame } of stepsOf(good)[n]?.outgoing ?? []) {
        for (const answer of session.receive(frame).outgoing) post(good, Buffer.from(answer.frame));
      }
    }
    expect(stepsOf(good).at(-1)?.outcome).toMatchObject({ kind: 'presignatures' });
    expect(stepsOf(bad).at(-1)?.outcome).toMatchObject({ kind: 'failure', failure: { failureClass: 'BAN' } });
  });
});

/** A direct message of the first round that fails the consistency check of the OT extension. */
function spoiled(frame: Buffer, sign: FrameSigner): Buffer {
  const parsed = parseFrame(frame);
  if (parsed === undefined) throw new Error('that is no frame');
  if (parsed.to === BROADCAST) return frame;
  const payload = Buffer.from(parsed.payload);
  payload[40] = (payload[40] ?? 0) ^ 1;
  return encodeFrame(parsed, [payload], sign);
}
