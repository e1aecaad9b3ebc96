import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { verifyCertificate } from '../certificate/certificate';
import { provesEquivocation } from '../session/equivocation';
import { InvalidInput, type ProtocolFailure } from '../errors';
import { BROADCAST, parseFrame } from '../session/frame';
import { activateKeyShare, createKeygenSession } from './keygen';
import { type KeyShare } from './key-share';
import { multiplyBase, multiplyPublic, addPoints } from '../group/point';
import { secp256k1Group } from '../group/secp256k1-group';
import { lagrangeCoefficient } from '../sharing/polynomial';
import { scalarFromBytes } from '../group/scalar';
import { keyIdOf } from '../session/session-id';
import {
  generateKey,
  keygenSessions,
  keygenStart,
  resigned,
  runSessions,
  type Tamper,
  testParties,
} from '../testing/ceremony-network';
import { broadcastBy, flip, set } from '../testing/tampering';

const parties = testParties(3);
const [party1, party2, party3] = parties;
if (!party1 || !party2 || !party3) throw new Error('three parties');

const seedAt = (list: Buffer, m: number) => list.subarray(32 * m, 32 * m + 32);

function publicKeyFrom(shares: readonly KeyShare[]): string | undefined {
  const indices = shares.map((share) => share.index);
  const terms = shares.map((share) =>
    multiplyPublic(multiplyBase(share.share), lagrangeCoefficient(secp256k1Group, indices, share.index)),
  );
  return addPoints(...terms)?.toString('hex');
}

function expectConsistent(key: ReadonlyMap<number, KeyShare>, threshold: number): void {
  const shares = [...key.values()];
  const [first] = shares;
  if (!first) throw new Error('no shares');
  const publicKey = first.publicKey.toString('hex');
  expect(publicKeyFrom(shares.slice(-threshold))).toBe(publicKey);
  expect(publicKeyFrom(shares)).toBe(publicKey);
  expect(publicKeyFrom(shares.slice(0, threshold - 1))).not.toBe(publicKey);
  for (const share of shares) {
    expect(share.publicKey).toEqual(first.publicKey);
    expect(share.chainCode).toEqual(first.chainCode);
    expect(share.certificate).toEqual(first.certificate);
    expect(share.keyId).toEqual(keyIdOf(first.publicKey));
    expect(share.publicShares.get(share.index)).toEqual(multiplyBase(share.share));
    expect(verifyCertificate(share.certificate, share.identities)).toBe(true);
    for (const [peer, pair] of share.pairs) {
      const other = key.get(peer)?.pairs.get(share.index);
      if (!other) continue; // not among the given parties
      expect(other.zeroSeed).toEqual(pair.zeroSeed);
      for (let m = 0; m < 128; m++) {
        const bit = (pair.asSender.nabla.readUInt8(m >> 3) >> (m & 7)) & 1;
        const seeds = bit ? other.asReceiver.seeds1 : other.asReceiver.seeds0;
        expect(seedAt(seeds, m).equals(seedAt(pair.asSender.seeds, m))).toBe(true);
      }
    }
  }
}

/** Failures of all but the last of n parties, with t = 2, on a network that tampers with what the last one sends. */
function failuresWith(n: number, tamper: Tamper): ProtocolFailure[] {
  const { outcomes } = runSessions(keygenSessions(testParties(n), 2), tamper);
  return parties.slice(0, n - 1).map(({ index }) => {
    const outcome = outcomes.get(index);
    if (outcome?.kind !== 'failure') throw new Error(`party ${index} did not fail`);
    return outcome.failure;
  });
}

function fail(): never {
  throw new Error('unreachable');
}

describe('key generation (3)', () => {
  test('every party gets a consistent share, for any t and n', () => {
    const sizes = fc
      .record({ n: fc.integer({ min: 2, max: 4 }), t: fc.integer({ min: 2, max: 4 }), seed: fc.string() })
      .filter(({ t, n }) => t <= n);
    fc.assert(
      fc.property(sizes, ({ n, t, seed }) => expectConsistent(generateKey(t, n, seed), t)),
      { numRuns: 3, seed: 7 },
    );
  });

  test('messages may come in any order, and more than once', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (choices) => {
        const order = (waiting: number) => Number(choices.next().value) % waiting;
        const run = runSessions(keygenSessions(testParties(3), 2), (frame) => [frame, frame], order);
        expect([...run.outcomes.values()].map((outcome) => outcome.kind)).toEqual([
          'result',
          'result',
          'result',
        ]);
        expect(run.pending.size).toBe(3);
      }),
      { numRuns: 2 },
    );
  });

  test('wire sizes are those of section 14', () => {
    const { sent } = runSessions(keygenSessions(testParties(3), 2));
    const sizes = new Map<string, number>();
    for (const { frame } of sent) {
      const parsed = parseFrame(frame);
      if (parsed)
        sizes.set(
          `${parsed.round} ${parsed.to === BROADCAST ? 'broadcast' : 'direct'}`,
          parsed.payload.length,
        );
    }
    expect(Object.fromEntries(sizes)).toEqual({
      '1 broadcast': 32 + 32 + 32 + 33,
      '2 broadcast': 32 + 33 * 2 + 32 + 32 + 65,
      '2 direct': 8448 + 16,
      '3 broadcast': 96 + 65 * 2,
      '3 direct': 8448 + 32 + 16,
      '4 broadcast': 33,
    });
  });

  test('known answer of a whole run: the wire format cannot change silently', () => {
    const { sent, outcomes } = runSessions(keygenSessions(testParties(3), 2));
    const transcript = createHash('sha256');
    for (const { frame } of sent) transcript.update(frame);
    const outcome = outcomes.get(1);
    const publicKey = outcome?.kind === 'result' ? outcome.value.publicKey.toString('hex') : undefined;
    expect(publicKey).toMatchInlineSnapshot(
      `"02943687f875470de2587edf6b36faf6e75a5a1dbdf8ddfc91c0f2ad6b2432f305"`,
    );
    expect(transcript.digest('hex')).toMatchInlineSnapshot(
      `"9c2c634cc14b6a790c07cf003523808efd98859606feb063230c4b913b34674f"`,
    );
  });

  test('the share is pending before the own confirmation leaves', () => {
    const { pending, outcomes } = runSessions(keygenSessions(testParties(3), 2), (frame) =>
      parseFrame(frame)?.round === 4 ? [] : [frame],
    );
    expect(pending.size).toBe(3);
    expect(outcomes.size).toBe(0);
  });

  test('one missing message of rounds 1 to 3 leaves everyone without a key', () => {
    const complete = runSessions(keygenSessions(testParties(2), 2));
    const early = complete.sent.filter(({ frame }) => (parseFrame(frame)?.round ?? 4) < 4);
    expect(early).toHaveLength(2 + 4 + 4);
    for (const { frame: lost } of early.filter(({ from }) => from === 1)) {
      const sessions = keygenSessions(testParties(2), 2);
      expect(runSessions(sessions, (frame) => (frame.equals(lost) ? [] : [frame])).outcomes.size).toBe(0);
    }
  });

  test('a party that missed a confirmation activates when it is shown the certificate', () => {
    const { pending, outcomes } = runSessions(keygenSessions(testParties(3), 2), (frame, _from, to) =>
      parseFrame(frame)?.round === 4 && to === 1 ? [] : [frame],
    );
    const [own, others] = [pending.get(1), outcomes.get(2)];
    if (!own || others?.kind !== 'result') throw new Error('party 2 has a certificate');
    const key = activateKeyShare(own, others.value.certificate);
    expectConsistent(
      new Map([
        [1, key],
        [2, others.value],
      ]),
      2,
    );
    const foreign = generateKey(2, 3, 'another key').get(2)?.certificate ?? fail();
    expect(() => activateKeyShare(own, foreign)).toThrow(InvalidInput);
  });
});

describe('key generation convicts or stops (3, 9, 16)', () => {
  const otherPoint = multiplyBase(12345n);
  const honest = runSessions(keygenSessions(testParties(2), 2)).sent;
  const payloadOf = (round: number, from: number) => {
    const frame = honest
      .map((entry) => parseFrame(entry.frame))
      .find((f) => f?.round === round && f.from === from);
    return frame?.payload ?? fail();
  };

  test.each([
    ['invalid EK', 1, set(96, Buffer.alloc(33)), 'IDENT', 'keygen.r1.point'],
    [
      'xk of small order: a zero X25519 output is refused',
      1,
      set(32, Buffer.alloc(32)),
      'IDENT',
      'session.xk',
    ],
    ['rogue key: another A_0 than committed', 2, set(32, otherPoint), 'IDENT', 'keygen.r2.com'],
    ['salt', 2, flip(140), 'IDENT', 'keygen.r2.com'],
    ['ccom', 2, flip(100), 'IDENT', 'keygen.r2.com'],
    ['coefficient identity', 2, set(32 + 33, Buffer.alloc(33)), 'IDENT', 'keygen.r2.point'],
    ['PoK copied from party 1', 2, set(162, payloadOf(2, 1).subarray(162)), 'IDENT', 'keygen.r2.pok'],
    ['PoK with K off the curve', 2, set(162, Buffer.alloc(33)), 'IDENT', 'keygen.r2.pok'],
    ['PoK with z changed', 2, flip(226), 'IDENT', 'keygen.r2.pok'],
    ['PoK with z >= q', 2, set(195, Buffer.alloc(32, 0xff)), 'IDENT', 'keygen.r2.pok'],
    ['chain code contribution', 3, flip(40), 'IDENT', 'keygen.r3.chain-code'],
    ['salt of the chain code', 3, flip(70), 'IDENT', 'keygen.r3.chain-code'],
    ['ephemeral key of a share off the curve', 3, set(96, Buffer.alloc(33)), 'IDENT', 'keygen.r3.point'],
  ] as const)('%s', (_, round, change, failureClass, check) => {
    const [failure] = failuresWith(2, broadcastBy(party2, round, change));
    expect(failure).toMatchObject({ failureClass, check, accused: 2 });
    expect(failure?.evidence).toHaveLength(round);
  });

  test.each([
    ['ssid', 2, flip(0), 'keygen.r2.ssid'],
    ['digest of round 2', 3, flip(0), 'keygen.r3.echo'],
    ['confirmation', 4, flip(1), 'keygen.r4.confirmation'],
  ] as const)('%s differs: AGREE, nobody accused', (_, round, change, check) => {
    const [failure] = failuresWith(2, broadcastBy(party2, round, change));
    expect(failure).toMatchObject({ failureClass: 'AGREE', check, accused: undefined });
  });

  test.each([
    ['t+1', (p: Buffer) => Buffer.concat([p.subarray(0, 98), otherPoint, p.subarray(98)])],
    ['t-1', (p: Buffer) => Buffer.concat([p.subarray(0, 65), p.subarray(98)])],
  ])('%s coefficients are no message of the protocol', (_, change) => {
    const { outcomes } = runSessions(keygenSessions(testParties(2), 2), broadcastBy(party2, 2, change));
    expect(outcomes.size).toBe(0);
  });

  test('commitments sent differently to two parties: AGREE, and the frames they exchange convict', () => {
    const failures = failuresWith(3, broadcastBy(party3, 1, flip(64), 1));
    const [first, second] = failures.map((failure) => {
      expect(failure).toMatchObject({ failureClass: 'AGREE', check: 'keygen.r2.ssid' });
      return failure.evidence.filter((frame) => parseFrame(frame)?.from === 3);
    });
    const proofs = (first ?? []).flatMap((a) =>
      (second ?? []).filter((b) => provesEquivocation(a, b, party3.identityKey)),
    );
    expect(proofs).toHaveLength(1);
  });

  test('two versions of a broadcast to one party convict at once', () => {
    const { outcomes } = runSessions(keygenSessions(testParties(2), 2), (frame, from) => {
      const isFirst = from === 2 && parseFrame(frame)?.round === 1;
      return isFirst ? [frame, resigned(frame, party2, flip(0))] : [frame];
    });
    const outcome = outcomes.get(1);
    if (outcome?.kind !== 'failure') throw new Error('party 1 did not fail');
    expect(outcome.failure).toMatchObject({
      check: 'session.equivocation',
      failureClass: 'IDENT',
      accused: 2,
    });
    const [a, b] = outcome.failure.evidence;
    expect(a && b && provesEquivocation(a, b, party2.identityKey)).toBe(true);
  });

  test('a bad share: the victim complains, everyone convicts the dealer', () => {
    const failures = failuresWith(3, broadcastBy(party3, 3, flip(96 + 40)));
    for (const failure of failures) {
      expect(failure).toMatchObject({ failureClass: 'IDENT', check: 'keygen.r3.share', accused: 3 });
    }
    expect(failures[1]?.evidence).toHaveLength(3 + 2 + 1);
  });

  test('a complaint with a bad proof convicts the complainer', () => {
    const points = Buffer.concat([otherPoint, otherPoint, otherPoint, Buffer.alloc(32, 1)]);
    const complaint = Buffer.concat([Buffer.from([1, 0, 1]), points]);
    for (const failure of failuresWith(
      3,
      broadcastBy(party3, 4, () => complaint),
    )) {
      const check = 'keygen.r4.unfounded-complaint';
      expect(failure).toMatchObject({ failureClass: 'IDENT', check, accused: 3 });
    }
  });

  test.each([
    ['about itself', Buffer.concat([Buffer.from([1, 0, 2]), Buffer.alloc(131)])],
    ['about nobody', Buffer.concat([Buffer.from([1, 0, 9]), Buffer.alloc(131)])],
    ['with a length of another kind', Buffer.alloc(33, 1)],
    ['of an unknown kind', Buffer.alloc(4, 9)],
  ])('a result %s has no form: its sender is convicted', (_, payload) => {
    const [failure] = failuresWith(
      2,
      broadcastBy(party2, 4, () => payload),
    );
    expect(failure).toMatchObject({ failureClass: 'IDENT', check: 'keygen.r4.form', accused: 2 });
  });

  test.each([
    ['of another class', 4, 'UNATTRIBUTED'],
    ['because a digest differs', 3, 'AGREE'],
  ])('an abort %s ends the session at once, in any round', (_, code, failureClass) => {
    const first = keygenSessions(testParties(2), 2).get(1);
    const round4 = honest.find(({ frame, from }) => parseFrame(frame)?.round === 4 && from === 2) ?? fail();
    first?.start();
    const abort = resigned(round4.frame, party2, () => Buffer.from([2, 0, 1, code]));
    expect(first?.receive(abort).outcome).toMatchObject({
      failure: { failureClass, check: 'keygen.r4.abort' },
    });
  });

  test('a direct message that fails authentication: only the victim can tell, the others are told', () => {
    for (const round of [2, 3]) {
      const failures = failuresWith(3, (frame, from, to) => {
        const parsed = parseFrame(frame);
        const isTarget = from === 3 && to === 1 && parsed?.round === round && parsed.to === 1;
        return [isTarget ? resigned(frame, party3, flip(100)) : frame];
      });
      expect(failures[0]).toMatchObject({ failureClass: 'IDENT-P', check: 'session.aead', accused: 3 });
      expect(failures[1]).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'keygen.r4.abort' });
    }
  });
});

describe('key generation secrets', () => {
  test('abort wipes them', () => {
    const drawn: Buffer[] = [];
    const random = (bytes: number) => {
      const buffer = party1.random(bytes);
      drawn.push(buffer);
      return buffer;
    };
    const session = createKeygenSession({
      start: keygenStart(parties, 2),
      index: 1,
      sign: party1.sign,
      random,
    });
    session.start();
    session.abort();
    // drawn in this order: exchange key, nonce, two coefficients, ek, ..
    const isWiped = drawn.slice(0, 5).map((buffer) => buffer.every((byte) => byte === 0));
    expect(isWiped).toEqual([true, false, true, true, true]);
    expect(session.receive(Buffer.alloc(200))).toEqual({ outgoing: [], dropped: 'ended' });
  });

  test('a start that does not describe the party is refused', () => {
    const start = keygenStart(parties, 2);
    const config = { index: 1, sign: party1.sign, random: party1.random };
    const indexed = (index: number) => start.participants.map((p) => (p.index === 2 ? { ...p, index } : p));
    for (const bad of [
      { ...start, threshold: 1 },
      { ...start, threshold: 4 },
      { ...start, participants: indexed(1) },
      { ...start, participants: indexed(0) },
      { ...start, participants: indexed(65535) },
      { ...start, participants: start.participants.slice(1) },
      { ...start, epoch: 1 },
      { ...start, rnd: Buffer.alloc(31) },
    ]) {
      expect(() => createKeygenSession({ ...config, start: bad })).toThrow(InvalidInput);
    }
    expect(() => createKeygenSession({ ...config, start, index: 4 })).toThrow(InvalidInput);
  });

  test('the secret share appears in no frame', () => {
    const { outcomes, sent } = runSessions(keygenSessions(testParties(3), 2));
    const outcome = outcomes.get(1);
    if (outcome?.kind !== 'result') throw new Error('a key');
    expect(scalarFromBytes(outcome.value.share)).toBeGreaterThan(0n);
    expect(sent.some(({ frame }) => frame.includes(outcome.value.share))).toBe(false);
  });
});
