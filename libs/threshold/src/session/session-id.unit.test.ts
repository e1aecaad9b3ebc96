import { InvalidInput } from '../errors';
import { sessionId } from './session-id';
import { type PresignStart, type RekeyStart, type ReshareStart, type SessionStart } from './session-start';
import { keygenStart, testParties } from '../testing/ceremony-network';

const dkg = keygenStart(testParties(3), 2);
const [first, second, third] = dkg.participants;
if (!first || !second || !third) throw new Error('three participants');
const presign: PresignStart = {
  ...dkg,
  purpose: 'presign',
  keyId: Buffer.alloc(32, 1),
  participants: [first, third],
  batch: 12,
};
const reshare: ReshareStart = {
  ...dkg,
  purpose: 'reshare',
  keyId: Buffer.alloc(32, 1),
  oldEpoch: 0,
  epoch: 3,
  participants: testParties(4),
  dealers: [1, 2, 3],
  newThreshold: 2,
  receivers: [1, 2, 3, 4],
};
const indexed = (index: number) => reshare.participants.map((p) => (p.index === 4 ? { ...p, index } : p));
const rekey: RekeyStart = {
  ...dkg,
  purpose: 'rekey',
  keyId: Buffer.alloc(32, 1),
  epoch: 1,
  participants: [first, third],
  pairCounter: 1,
};

describe('session identifiers (1.4, 1.5)', () => {
  test('known answers', () => {
    expect(sessionId(dkg).toString('hex')).toMatchInlineSnapshot(
      `"b189b59c2d5400108db439c207b7c98cd711ff9cba33a61ecc24825e7ec6ecf9"`,
    );
    expect(sessionId(presign).toString('hex')).toMatchInlineSnapshot(
      `"e1687ab89e5826a3ce02b2f84485a295798b6e8d686b86250ccb479daacbe8da"`,
    );
    expect(sessionId(reshare).toString('hex')).toMatchInlineSnapshot(
      `"28bc5ca19ce7b09f2367b94278562d0963da4b81dc6b9900e2ebca27f273ab9a"`,
    );
    expect(sessionId(rekey).toString('hex')).toMatchInlineSnapshot(
      `"fac29bb66918e3c8c414b1ea37411b0f251bfafe472c09727fd6d23ac2b52d3f"`,
    );
  });

  test('do not depend on the order in which participants are listed', () => {
    expect(sessionId({ ...dkg, participants: [third, first, second] })).toEqual(sessionId(dkg));
    const [dealers, receivers] = [
      [3, 1, 2],
      [4, 3, 2, 1],
    ];
    expect(sessionId({ ...reshare, dealers, receivers })).toEqual(sessionId(reshare));
  });

  test('every field changes the id', () => {
    const members = (change: Partial<typeof first>) => [{ ...first, ...change }, third];
    const variants: SessionStart[] = [
      presign,
      { ...presign, suite: 2 },
      { ...presign, keyId: Buffer.alloc(32, 2) },
      { ...presign, epoch: 1 },
      { ...presign, parties: 4 },
      { ...presign, participants: [first, second] },
      { ...presign, participants: [first, second, third] },
      { ...presign, participants: members({ bootId: Buffer.alloc(16, 9) }) },
      { ...presign, participants: members({ identityKey: Buffer.alloc(32, 9) }) },
      { ...presign, batch: 8 },
      { ...presign, notAfter: presign.notAfter + 1 },
      { ...presign, rnd: Buffer.alloc(32, 9) },
      { ...presign, participants: [first, second, third], threshold: 3 },
      dkg,
      reshare,
      { ...reshare, oldEpoch: 1 },
      { ...reshare, newThreshold: 3 },
      { ...reshare, dealers: [1, 2] },
      { ...reshare, receivers: [1, 2, 4] },
      { ...reshare, epoch: 4 },
      rekey,
      { ...rekey, pairCounter: 2 },
      { ...rekey, epoch: 2 },
    ];
    expect(new Set(variants.map((start) => sessionId(start).toString('hex'))).size).toBe(variants.length);
  });

  test.each<[string, SessionStart]>([
    ['too few signers', { ...presign, participants: [first] }],
    ['batch of 65', { ...presign, batch: 65 }],
    ['batch of 0', { ...presign, batch: 0 }],
    ['no keyId', { ...presign, keyId: Buffer.alloc(0) }],
    ['short boot id', { ...presign, participants: [{ ...first, bootId: Buffer.alloc(15) }, third] }],
    [
      'one identity twice',
      { ...presign, participants: [{ ...first, identityKey: third.identityKey }, third] },
    ],
    ['a reshare into the same epoch', { ...reshare, epoch: 0 }],
    ['too few dealers', { ...reshare, dealers: [1] }],
    ['a dealer twice', { ...reshare, dealers: [1, 1] }],
    ['a receiver twice', { ...reshare, receivers: [1, 2, 3, 4, 4] }],
    ['a participant without a role', { ...reshare, receivers: [1, 2, 3] }],
    ['a dealer who does not take part', { ...reshare, dealers: [1, 2, 5] }],
    ["t' above n'", { ...reshare, newThreshold: 5 }],
    ["t' of 1", { ...reshare, newThreshold: 1 }],
    ...[0, 65535, 2 ** 256, 1.5].map((index): [string, SessionStart] => [
      `a receiver with index ${index}`,
      { ...reshare, participants: indexed(index), receivers: [1, 2, 3, index] },
    ]),
    ['a re-key of three', { ...rekey, participants: dkg.participants }],
    ['a re-key with counter 0', { ...rekey, pairCounter: 0 }],
    ['17 parties', { ...presign, parties: 17 }],
    ['threshold 1', { ...presign, threshold: 1 }],
    ['negative expiry', { ...presign, notAfter: -1 }],
  ])('%s is refused', (_, start) => {
    expect(() => sessionId(start)).toThrow(InvalidInput);
  });
});
