import {
  ed25519PublicKey,
  encodeFrame,
  FRAME_TYPES,
  type FrameHeader,
  parseFrame,
  verifyFrame,
} from './frame';
import { encodeEvidence, findEquivocations, openEvidence, provesEquivocation } from './equivocation';
import { sessionId } from './session-id';
import { keygenStart, testParties } from '../testing/ceremony-network';

const [first, second, third, stranger] = testParties(4);
if (!first || !second || !third || !stranger) throw new Error('four parties');
const start = keygenStart([first, second, third], 2);
const identities = new Map([first, second, third].map((party) => [party.index, party.identityKey]));
const header: FrameHeader = {
  ...{ suite: 1, type: FRAME_TYPES.dkg, round: 1, keyId: Buffer.alloc(32), epoch: 0 },
  ...{ sid: sessionId(start), from: third.index, to: 0xffff },
};
const signed = (change: Partial<FrameHeader>, fill: number, by = third) =>
  encodeFrame({ ...header, ...change }, Buffer.alloc(8, fill), by.sign);

describe('equivocation (2, 9)', () => {
  const frame = signed({}, 1);

  test('two different signed messages for one slot convict their sender', () => {
    const other = signed({}, 2);
    expect(provesEquivocation(frame, other, third.identityKey)).toBe(true);
    expect(findEquivocations([frame, signed({ round: 2 }, 3), other], identities)).toEqual([
      { accused: 3, evidence: [frame, other] },
    ]);
  });

  test.each([
    ['the same message twice', frame],
    ['a message of another round', signed({ round: 2 }, 2)],
    ['a message to another receiver', signed({ to: 1 }, 2)],
    ['a message of another session', signed({ sid: Buffer.alloc(32) }, 2)],
    ['a message of another ceremony', signed({ type: FRAME_TYPES.presign }, 2)],
    ['a message that another signed in its name', signed({}, 2, stranger)],
    ['bytes that are no frame', Buffer.alloc(300)],
  ])('%s convicts nobody', (_, other) => {
    expect(provesEquivocation(frame, other, third.identityKey)).toBe(false);
    expect(provesEquivocation(other, frame, third.identityKey)).toBe(false);
    expect(findEquivocations([frame, other, frame], identities)).toEqual([]);
  });

  test('frames of who does not take part count for nothing', () => {
    const from = stranger.index;
    const pool = [signed({ from }, 1, stranger), signed({ from }, 2, stranger)];
    expect(findEquivocations(pool, identities)).toEqual([]);
  });

  test('each equivocator is found once', () => {
    const pool = [1, 2, 3].flatMap((fill) => [
      signed({}, fill),
      signed({ from: 1 }, fill, first),
      signed({ from: 2 }, 1, second),
    ]);
    expect(findEquivocations(pool, identities).map(({ accused }) => accused)).toEqual([3, 1]);
  });
});

describe('evidence frames (2)', () => {
  const frames = [signed({}, 1), signed({ round: 2 }, 1)];
  const evidence = encodeEvidence(start, second.index, frames, second.sign);

  test('hand over frames as they were received', () => {
    expect(evidence.map((bytes) => openEvidence(start, bytes))).toEqual(frames);
    for (const bytes of evidence) {
      const carrier = parseFrame(bytes);
      expect(carrier).toMatchObject({ type: FRAME_TYPES.evidence, round: 1, from: 2, to: 0xffff });
      expect(carrier && verifyFrame(carrier, ed25519PublicKey(second.identityKey))).toBe(true);
    }
  });

  test('handing over two frames is no equivocation', () => {
    expect(findEquivocations(evidence, identities)).toEqual([]);
  });

  test.each([
    ['of another session', (bytes: Buffer) => openEvidence({ ...start, rnd: Buffer.alloc(32) }, bytes)],
    [
      'signed by another',
      () => openEvidence(start, encodeEvidence(start, 2, frames, third.sign)[0] ?? Buffer.of()),
    ],
    [
      'of a stranger',
      () => openEvidence(start, encodeEvidence(start, 4, frames, stranger.sign)[0] ?? Buffer.of()),
    ],
    ['that is another frame', () => openEvidence(start, signed({}, 1))],
    ['that is no frame', () => openEvidence(start, Buffer.alloc(300))],
  ])('evidence %s hands over nothing', (_, open) => {
    expect(open(evidence[0] ?? Buffer.of())).toBeUndefined();
  });
});
