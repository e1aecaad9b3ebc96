import fc from 'fast-check';
import { verifyCertificate, verifyReshareCertificate } from '../certificate/certificate';
import { InvalidInput } from '../errors';
import { BROADCAST, parseFrame } from '../session/frame';
import { groupOf } from '../suite';
import { generateSchnorrKey, runSessions, type Tamper } from '../testing/ceremony-network';
import { interpolatedKey } from '../testing/interpolated-key';
import {
  type AnyShare,
  reshare,
  reshareConfig,
  type ResharePlan,
  reshareSessions,
} from '../testing/reshare-network';
import { identityOf } from '../testing/trusted-dealer';
import { createReshareSession } from './reshare';

type Key = ReadonlyMap<number, AnyShare>;

function shareOf(key: Key, index: number): AnyShare {
  const share = key.get(index);
  if (!share) throw new RangeError(`no share of party ${index}`);
  return share;
}

function expectNewEpoch(old: Key, plan: ResharePlan, next: Key): void {
  const ascending = [...plan.receivers].sort((a, b) => a - b);
  const shares = ascending.map((index) => shareOf(next, index));
  const [before, first] = [[...old.values()][0], shares[0]];
  if (!before || !first) throw new Error('no shares');
  const { publicKey, chainCode, keyId, suite } = before;
  expect(next.size).toBe(shares.length);
  for (const share of shares) {
    expect(share).toMatchObject({ suite, publicKey, chainCode, keyId, threshold: plan.threshold });
    expect(share).toMatchObject({ parties: shares.length, epoch: before.epoch + 1 });
    expect(share.certificate).toEqual(first.certificate);
    expect([...share.identities.keys()]).toEqual(ascending);
    expect(share.publicShares.get(share.index)).toEqual(groupOf(suite).multiplyBase(share.share));
  }
  expect(verifyCertificate(first.certificate, first.identities)).toBe(true);
  expect(verifyReshareCertificate(first.certificate, before.certificate)).toBe(true);
  const expected = publicKey.toString('hex');
  expect(interpolatedKey(shares.slice(0, plan.threshold))).toBe(expected);
  expect(interpolatedKey(shares.slice(-plan.threshold))).toBe(expected);
  expect(interpolatedKey(shares)).toBe(expected);
  expect(interpolatedKey(shares.slice(0, plan.threshold - 1))).not.toBe(expected);
}

/** t of n to t' of N, dealt by O: any sets that the protocol allows, with indices that are not consecutive. */
const plans = fc
  .record({ n: fc.integer({ min: 2, max: 5 }), suite: fc.constantFrom(3 as const, 4 as const) })
  .chain(({ n, suite }) =>
    fc.record({ n: fc.constant(n), suite: fc.constant(suite), t: fc.integer({ min: 2, max: n }) }),
  )
  .chain(({ n, t, suite }) => {
    const old = Array.from({ length: n }, (_, k) => k + 1);
    return fc.record({
      ...{ n: fc.constant(n), t: fc.constant(t), suite: fc.constant(suite) },
      dealers: fc.shuffledSubarray(old, { minLength: t }),
      receivers: fc.shuffledSubarray([...old, 9, 12], { minLength: 2 }),
      fraction: fc.nat(),
    });
  })
  .map(({ receivers, fraction, ...rest }) => {
    const threshold = 2 + (fraction % (receivers.length - 1));
    return { ...rest, plan: { dealers: rest.dealers, threshold, receivers } };
  });

describe('reshare (13)', () => {
  test("any O of t old parties makes any N and t' a new epoch of the same key", () => {
    fc.assert(
      fc.property(plans, ({ n, t, suite, plan }) => {
        const key = generateSchnorrKey(t, n, suite);
        expectNewEpoch(key, plan, reshare(key, plan));
      }),
      { numRuns: 12 },
    );
  });

  const key = generateSchnorrKey(2, 3);

  test.each<[string, ResharePlan]>([
    ['refresh', { dealers: [1, 2, 3], threshold: 2, receivers: [1, 2, 3] }],
    ['a higher threshold', { dealers: [1, 3], threshold: 3, receivers: [1, 2, 3] }],
    ['a new party', { dealers: [1, 2], threshold: 2, receivers: [1, 2, 3, 4] }],
    ['removal', { dealers: [1, 2, 3], threshold: 2, receivers: [1, 2] }],
    ['repair: party 3 lost its share', { dealers: [1, 2], threshold: 2, receivers: [1, 2, 3] }],
    ['other parties altogether', { dealers: [2, 3], threshold: 3, receivers: [7, 8, 9] }],
  ])('%s', (_, plan) => {
    expectNewEpoch(key, plan, reshare(key, plan));
  });

  test('epochs follow one another, thresholds go up and down, and who knew the first certificate can verify the last', () => {
    const higher = reshare(key, { dealers: [1, 2], threshold: 4, receivers: [1, 2, 3, 4] });
    const plan = { dealers: [1, 2, 3, 4], threshold: 2, receivers: [2, 4, 5] };
    const lower = reshare(higher, plan);
    expectNewEpoch(higher, plan, lower);
    const { certificate, identities, epoch } = shareOf(lower, 5);
    expect(epoch).toBe(2);
    expect(verifyReshareCertificate(certificate, shareOf(key, 1).certificate)).toBe(true);
    expect(verifyCertificate(certificate, identities)).toBe(true);
  });

  test('shares of two epochs do not mix, and t old ones are not enough under t + 1', () => {
    const next = reshare(key, { dealers: [1, 2, 3], threshold: 2, receivers: [1, 2, 3] });
    const higher = reshare(key, { dealers: [1, 2, 3], threshold: 3, receivers: [1, 2, 3] });
    const expected = shareOf(key, 1).publicKey.toString('hex');
    expect(interpolatedKey([shareOf(key, 1), shareOf(next, 2)])).not.toBe(expected);
    expect(interpolatedKey([shareOf(next, 1), shareOf(key, 2)])).not.toBe(expected);
    expect(interpolatedKey([shareOf(higher, 1), shareOf(higher, 2)])).not.toBe(expected);
    expect(interpolatedKey([shareOf(higher, 1), shareOf(higher, 2), shareOf(key, 3)])).not.toBe(expected);
    expect(interpolatedKey([1, 2, 3].map((index) => shareOf(higher, index)))).toBe(expected);
  });

  test('messages may come in any order, and more than once', () => {
    const plan = { dealers: [1, 2], threshold: 2, receivers: [2, 3, 4] };
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (choices) => {
        const order = (waiting: number) => Number(choices.next().value) % waiting;
        const run = runSessions(reshareSessions(key, plan), (frame) => [frame, frame], order);
        expect([...run.outcomes.values()].map((outcome) => outcome.kind)).toEqual(Array(4).fill('result'));
        expect(run.pending.size).toBe(4);
      }),
      { numRuns: 5 },
    );
  });

  test('messages have the fields of O first, then those of N, and nothing else', () => {
    const { sent } = runSessions(
      reshareSessions(key, { dealers: [1, 2], threshold: 2, receivers: [2, 3, 4] }),
    );
    const sizes = new Map<string, number>();
    for (const { frame } of sent) {
      const parsed = parseFrame(frame);
      if (!parsed) throw new Error('not a frame');
      expect(parsed).toMatchObject({ type: 4, epoch: 1, to: BROADCAST });
      if (parsed.from < 4) sizes.set(`${parsed.round} of ${parsed.from}`, parsed.payload.length);
    }
    expect(Object.fromEntries(sizes)).toEqual({
      '1 of 1': 32,
      '1 of 2': 32 + 64 + 32,
      '1 of 3': 64 + 2 * 32,
      '2 of 1': 32 + 2 * 32 + 32,
      '2 of 2': 32 + 2 * 32 + 32,
      '2 of 3': 32,
      '3 of 1': 32 + 3 * 64,
      '3 of 2': 32 + 2 * 64,
      '3 of 3': 32,
      '4 of 1': 33,
      '4 of 2': 33,
      '4 of 3': 33,
    });
  });

  test('the new share is pending before the own confirmation leaves', () => {
    const hold: Tamper = (frame) => (parseFrame(frame)?.round === 4 ? [] : [frame]);
    const { pending, outcomes } = runSessions(
      reshareSessions(key, { dealers: [1, 2], threshold: 2, receivers: [2, 3] }),
      hold,
    );
    expect(outcomes.size).toBe(0);
    expect([1, 2, 3].map((party) => pending.get(party)?.share?.index)).toEqual([undefined, 2, 3]);
    expect(pending.get(1)).toMatchObject({ epoch: 1, previous: shareOf(key, 1).certificate });
  });

  test('one missing message of rounds 1 to 3 leaves everyone with the old epoch alone', () => {
    const sessions = () => reshareSessions(key, { dealers: [1, 2], threshold: 2, receivers: [2, 3] });
    const early = runSessions(sessions()).sent.filter(({ frame }) => (parseFrame(frame)?.round ?? 4) < 4);
    expect(early).toHaveLength(3 * 3 * 2);
    for (const lost of early) {
      const run = runSessions(sessions(), (frame, _, to) =>
        frame.equals(lost.frame) && to === lost.to ? [] : [frame],
      );
      expect(run.outcomes.size).toBe(0);
    }
  });

  test('abort wipes what the session drew, and not the old share', () => {
    const drawn: Buffer[] = [];
    const config = reshareConfig(key, { dealers: [1, 2], threshold: 2, receivers: [1, 2] }, 1);
    const random = (bytes: number) => {
      const buffer = config.random(bytes);
      drawn.push(buffer);
      return buffer;
    };
    const session = createReshareSession({ ...config, random });
    session.start();
    session.abort();
    const isWiped = drawn.map((buffer) => buffer.every((byte) => byte === 0));
    // exchange key, candidates of a coefficient, salt, candidates of ek, nonce: all but salt and nonce are secret
    expect(isWiped.filter((wiped) => !wiped)).toHaveLength(2);
    expect(config.old.share?.some((byte) => byte !== 0)).toBe(true);
  });
});

describe('a reshare that does not fit the old epoch is refused (13)', () => {
  const key = generateSchnorrKey(2, 3);
  const plan = { dealers: [1, 2], threshold: 2, receivers: [2, 3, 4] };
  const config = reshareConfig(key, plan, 1);
  const joining = reshareConfig(key, plan, 4);
  const { start, old } = config;
  const { certificate } = old;
  const signatures = new Map(certificate.signatures).set(3, Buffer.alloc(64));
  const another = reshareConfig(generateSchnorrKey(2, 3, 4), plan, 1).old;

  test.each<[string, Partial<typeof config>]>([
    [
      'a certificate that a party did not sign',
      { old: { ...old, certificate: { ...certificate, signatures } } },
    ],
    [
      'identity keys that are not pinned',
      { old: { ...old, identities: new Map([...old.identities].slice(1)) } },
    ],
    ['the certificate of another key', { old: another }],
    ['another suite', { start: { ...start, suite: 4 } }],
    ['another key', { start: { ...start, keyId: Buffer.alloc(32) } }],
    ['another old epoch', { start: { ...start, epoch: 9, oldEpoch: 1 } }],
    ['another old threshold', { start: { ...start, threshold: 3, dealers: [1, 2, 3] } }],
    ['another number of old parties', { start: { ...start, parties: 4 } }],
    ['a burned epoch', { lastEpoch: 1 }],
    ['a dealer without its share', { old: { certificate, identities: old.identities } }],
    ['a dealer with the share of another', { old: { ...old, share: shareOf(key, 2).share } }],
    ['a dealer with a share of zero', { old: { ...old, share: Buffer.alloc(32) } }],
  ])('%s', (_, change) => {
    expect(() => createReshareSession(config)).not.toThrow();
    expect(() => createReshareSession({ ...config, ...change })).toThrow(InvalidInput);
  });

  test('a dealer that is no old party', () => {
    const dealers = [1, 4];
    const participants = start.participants.filter(({ index }) => [1, 2, 3, 4].includes(index));
    const changed = { ...start, dealers, participants };
    expect(() => createReshareSession({ ...config, start: changed })).toThrow(/old parties/);
  });

  test('an index that belonged to another identity key, and a key that belonged to another index', () => {
    const reused = (index: number, identityKey: Uint8Array) => ({
      ...start,
      participants: start.participants.map((p) => (p.index === index ? { ...p, identityKey } : p)),
    });
    for (const changed of [reused(3, identityOf(9).identityKey), reused(4, identityOf(1).identityKey)]) {
      expect(() => createReshareSession({ ...config, start: changed })).toThrow(InvalidInput);
    }
    const without3 = reshare(key, { dealers: [1, 2], threshold: 2, receivers: [1, 2] });
    const later = reshareConfig(without3, { dealers: [1, 2], threshold: 2, receivers: [1, 2, 3] }, 1);
    expect(() => createReshareSession(later)).not.toThrow();
    const participants = later.start.participants.map((p) =>
      p.index === 3 ? { ...p, identityKey: identityOf(9).identityKey } : p,
    );
    const taken = { ...later, start: { ...later.start, participants } };
    expect(() => createReshareSession(taken)).toThrow(/never reused/);
  });

  test('a joining party needs no share, but the certificate', () => {
    expect(() => createReshareSession(joining)).not.toThrow();
    const forged = { ...certificate, threshold: 3 };
    expect(() => createReshareSession({ ...joining, old: { ...old, certificate: forged } })).toThrow(
      InvalidInput,
    );
  });
});
