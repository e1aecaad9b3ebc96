import { InvalidInput } from '../errors';
import { sessionId, type SessionStart } from './session-id';
import { keygenStart, testParties } from '../testing/ceremony-network';

const dkg = keygenStart(testParties(3), 2);
const [first, second, third] = dkg.participants;
if (!first || !second || !third) throw new Error('three participants');
const presign: SessionStart = {
  ...dkg,
  purpose: 'presign',
  keyId: Buffer.alloc(32, 1),
  participants: [first, third],
  batch: 12,
};

describe('session identifiers (1.4, 1.5)', () => {
  test('known answers', () => {
    expect(sessionId(dkg).toString('hex')).toMatchInlineSnapshot(
      `"b189b59c2d5400108db439c207b7c98cd711ff9cba33a61ecc24825e7ec6ecf9"`,
    );
    expect(sessionId(presign).toString('hex')).toMatchInlineSnapshot(
      `"e1687ab89e5826a3ce02b2f84485a295798b6e8d686b86250ccb479daacbe8da"`,
    );
  });

  test('do not depend on the order in which participants are listed', () => {
    expect(sessionId({ ...dkg, participants: [third, first, second] })).toEqual(sessionId(dkg));
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
    ];
    expect(new Set(variants.map((start) => sessionId(start).toString('hex'))).size).toBe(variants.length);
  });

  test.each<[string, SessionStart]>([
    ['too few signers', { ...presign, participants: [first] }],
    ['batch of 65', { ...presign, batch: 65 }],
    ['batch of 0', { ...presign, batch: 0 }],
    ['no keyId', { ...dkg, purpose: 'presign', batch: 1 }],
    ['short boot id', { ...presign, participants: [{ ...first, bootId: Buffer.alloc(15) }, third] }],
    [
      'one identity twice',
      { ...presign, participants: [{ ...first, identityKey: third.identityKey }, third] },
    ],
    ['17 parties', { ...presign, parties: 17 }],
    ['threshold 1', { ...presign, threshold: 1 }],
    ['negative expiry', { ...presign, notAfter: -1 }],
    ['keyId in key generation', { ...dkg, keyId: Buffer.alloc(32) }],
  ])('%s is refused', (_, start) => {
    expect(() => sessionId(start)).toThrow(InvalidInput);
  });
});
