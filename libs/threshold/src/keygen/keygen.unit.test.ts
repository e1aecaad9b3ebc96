import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { verifyCertificate } from '../certificate/certificate';
import { InvalidInput, type ProtocolFailure } from '../errors';
import { BROADCAST, parseFrame } from '../session/frame';
import { createKeygenSession, createSchnorrKeygenSession } from './keygen';
import { type KeyShare, type SchnorrKeyShare } from './key-share';
import { scalarFromBytes } from '../group/scalar';
import { keyIdOf } from '../session/session-id';
import { groupOf } from '../suite';
import {
  generateKey,
  generateSchnorrKey,
  keygenSessions,
  keygenStart,
  resigned,
  resultsOf,
  runSessions,
  schnorrKeygenSessions,
  type Tamper,
  testParties,
} from '../testing/ceremony-network';
import { interpolatedKey } from '../testing/interpolated-key';
import { flip } from '../testing/tampering';

const parties = testParties(3);
const [party1, party2, party3] = parties;
if (!party1 || !party2 || !party3) throw new Error('three parties');

const seedAt = (list: Buffer, m: number) => list.subarray(32 * m, 32 * m + 32);

/** A key that any t shares give and t - 1 do not, and on which all agree. */
function expectSharing(key: ReadonlyMap<number, KeyShare | SchnorrKeyShare>, threshold: number): void {
  const shares = [...key.values()];
  const [first] = shares;
  if (!first) throw new Error('no shares');
  const publicKey = first.publicKey.toString('hex');
  expect(interpolatedKey(shares.slice(-threshold))).toBe(publicKey);
  expect(interpolatedKey(shares)).toBe(publicKey);
  expect(interpolatedKey(shares.slice(0, threshold - 1))).not.toBe(publicKey);
  for (const share of shares) {
    expect(share.publicKey).toEqual(first.publicKey);
    expect(share.chainCode).toEqual(first.chainCode);
    expect(share.certificate).toEqual(first.certificate);
    expect(share.keyId).toEqual(keyIdOf(first.publicKey));
    expect(share.publicShares.get(share.index)).toEqual(groupOf(share.suite).multiplyBase(share.share));
    expect(verifyCertificate(share.certificate, share.identities)).toBe(true);
  }
}

/** Base OTs of every pair that fit together, and one zero seed. */
function expectPairs(key: ReadonlyMap<number, KeyShare>): void {
  for (const share of key.values()) {
    expect(share.pairs.size).toBe(key.size - 1);
    for (const [peer, pair] of share.pairs) {
      const other = key.get(peer)?.pairs.get(share.index);
      if (!other) throw new Error('a pair has two members');
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

describe('key generation (3)', () => {
  test('any t shares of n are the key, t - 1 are not, in both groups', () => {
    const sizes = fc
      .record({ n: fc.integer({ min: 2, max: 6 }), t: fc.integer({ min: 2, max: 6 }) })
      .filter(({ t, n }) => t <= n);
    fc.assert(
      fc.property(sizes, fc.constantFrom(3 as const, 4 as const), ({ n, t }, suite) => {
        const key = generateSchnorrKey(t, n, suite);
        expect(key.size).toBe(n);
        expectSharing(key, t);
      }),
      { numRuns: 12 },
    );
  });

  test('for ECDSA every pair has its base OTs and its zero seed too', () => {
    const key = generateKey(2, 3);
    expectSharing(key, 2);
    expectPairs(key);
  });

  test('messages may come in any order, and more than once', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (choices) => {
        const order = (waiting: number) => Number(choices.next().value) % waiting;
        const run = runSessions(schnorrKeygenSessions(testParties(3), 2), (frame) => [frame, frame], order);
        expect([...run.outcomes.values()].map((outcome) => outcome.kind)).toEqual(Array(3).fill('result'));
        expect(run.pending.size).toBe(3);
      }),
      { numRuns: 10 },
    );
  });

  test('direct messages too may come in any order, and more than once', () => {
    const last = (waiting: number) => waiting - 1;
    const run = runSessions(keygenSessions(testParties(2), 2), (frame) => [frame, frame], last);
    expectPairs(resultsOf(run));
  });

  test('wire sizes are those of section 14, but for a complaint key for each dealer', () => {
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
      '1 broadcast': 32 + 32 + 32 + 33 * 2,
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
      `"46e46887c3a18e5e43c3a3e7ccf1a17c51702d85d056c4a24461ce2e8336ce96"`,
    );
  });

  test('the share is pending before the own confirmation leaves', () => {
    const hold: Tamper = (frame) => (parseFrame(frame)?.round === 4 ? [] : [frame]);
    const { pending, outcomes } = runSessions(schnorrKeygenSessions(testParties(3), 2), hold);
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

  test('each of both sessions takes starts of its own suites', () => {
    const party = { index: 1, sign: party1.sign, random: party1.random };
    const [ecdsa, schnorr] = [keygenStart(parties, 2, 2), keygenStart(parties, 2, 4)];
    expect(() => createKeygenSession({ start: ecdsa, ...party })).not.toThrow();
    expect(() => createSchnorrKeygenSession({ start: schnorr, ...party })).not.toThrow();
    expect(() => createKeygenSession({ start: schnorr, ...party })).toThrow(InvalidInput);
    expect(() => createSchnorrKeygenSession({ start: ecdsa, ...party })).toThrow(InvalidInput);
  });
});

describe('direct messages of key generation (2, 9)', () => {
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
