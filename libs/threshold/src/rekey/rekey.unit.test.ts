import { createHash } from 'node:crypto';
import { InvalidInput, type ProtocolFailure } from '../errors';
import { encodePendingKeyShare } from '../keygen/key-share-codec';
import { type KeyShare, type PairState, wipePairState } from '../keygen/key-share';
import { BASE_OT_MESSAGE_BYTES } from '../multiplication/base-ot';
import { createPairJudge } from '../presign/pair-judge';
import { provesEquivocation } from '../session/equivocation';
import { BROADCAST, encodeFrame, FRAME_TYPES, type FrameHeader, parseFrame } from '../session/frame';
import { type RoundPayloads, type SessionOutcome } from '../session/session';
import { type PresignatureBatch } from '../presign/presignature';
import { verifySignature } from '../sign/signature-check';
import { resigned, runSessions, type Tamper } from '../testing/ceremony-network';
import { presign, presignSessions, presignStart } from '../testing/presign-harness';
import { copyPresignatures, requestFor, signWith } from '../testing/signing-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey, identityOf } from '../testing/trusted-dealer';
import { announcesPair, createRekeySession, withPair } from './rekey';
import { type RekeyOptions, rekeySessions, rekeyStart } from './testing/rekey-harness';

const PAIR = [1, 2] as const;
const { secretKey, shares } = dealKey(2, 3, seededRandom('2-of-3'));
const shareOf = (index: number, of: ReadonlyMap<number, KeyShare> = shares): KeyShare => {
  const share = of.get(index);
  if (!share) throw new RangeError(`no share of party ${index}`);
  return share;
};

function stateOf(outcomes: ReadonlyMap<number, SessionOutcome<PairState>>, index: number): PairState {
  const outcome = outcomes.get(index);
  if (outcome?.kind !== 'result') throw outcome?.failure ?? new Error(`party ${index} has no result`);
  return outcome.value;
}

/** A run without faults. */
const honest = runSessions(rekeySessions(shares, PAIR));

/** The shares of all parties after a re-key of parties 1 and 2. */
function rekeyed(options?: RekeyOptions, before = shares): Map<number, KeyShare> {
  const { outcomes } = runSessions(rekeySessions(before, PAIR, options));
  const after = new Map(before);
  for (const [index, peer] of [PAIR, [2, 1] as const]) {
    after.set(index, withPair(shareOf(index, before), peer, stateOf(outcomes, index)));
  }
  return after;
}

function pairOf(of: ReadonlyMap<number, KeyShare>, index: number, peer: number): PairState {
  const pair = shareOf(index, of).pairs.get(peer);
  if (!pair) throw new RangeError(`no pair of ${index} and ${peer}`);
  return pair;
}

const secretsOf = ({ asSender, asReceiver, zeroSeed }: PairState) =>
  [asSender.nabla, asSender.seeds, asReceiver.seeds0, asReceiver.seeds1, zeroSeed].map((secret) =>
    secret.toString('hex'),
  );

/** Each seed of the sender is the one of both that its bit of Nabla names (section 4). */
function expectBaseOts(sender: PairState['asSender'], receiver: PairState['asReceiver']): void {
  const seedAt = (list: Buffer, m: number) => list.subarray(32 * m, 32 * m + 32).toString('hex');
  for (let m = 0; m < 128; m++) {
    const bit = (sender.nabla.readUInt8(m >> 3) >> (m & 7)) & 1;
    const [known, other] = bit ? [receiver.seeds1, receiver.seeds0] : [receiver.seeds0, receiver.seeds1];
    expect(seedAt(sender.seeds, m)).toBe(seedAt(known, m));
    expect(seedAt(sender.seeds, m)).not.toBe(seedAt(other, m));
  }
}

/** What party 1 concludes. */
function failureOfOne(options: RekeyOptions, tamper?: Tamper): ProtocolFailure | undefined {
  const outcome = runSessions(rekeySessions(shares, PAIR, options), tamper).outcomes.get(1);
  return outcome?.kind === 'failure' ? outcome.failure : undefined;
}

const flip = (offset: number) => (payload: Buffer) => {
  payload[offset] = payload.readUInt8(offset) ^ 1;
  return payload;
};

/** Party 2 signs another broadcast in the round. */
function broadcastBy2(round: number, change: (payload: Buffer) => Buffer): Tamper {
  return (frame, from) => {
    const parsed = parseFrame(frame);
    const isTarget = from === 2 && parsed?.round === round && parsed.to === BROADCAST;
    return [isTarget ? resigned(frame, identityOf(2), change) : frame];
  };
}

/** Party 2 encrypts another message in the round. */
function directBy2(at: number, change: (message: Buffer) => void) {
  return (round: number, payloads: RoundPayloads): RoundPayloads => {
    const message = payloads.p2p?.get(1);
    if (round !== at || !message) return payloads;
    const changed = Buffer.from(message);
    change(changed);
    return { ...payloads, p2p: new Map([[1, changed]]) };
  };
}

/** Whether the batches of a committee give a valid signature. */
function signs(batches: ReadonlyMap<number, PresignatureBatch>): boolean {
  const message = Buffer.alloc(32, 5);
  const request = requestFor(secretKey, [...batches.keys()], message);
  const { signature } = signWith(copyPresignatures(batches, 0), request);
  return verifySignature(signature, message, shareOf(1).publicKey);
}

describe('pair re-key (9)', () => {
  const after = new Map(shares)
    .set(1, withPair(shareOf(1), 2, stateOf(honest.outcomes, 1)))
    .set(2, withPair(shareOf(2), 1, stateOf(honest.outcomes, 2)));
  const [first, second] = [pairOf(after, 1, 2), pairOf(after, 2, 1)];

  test('both members end with base OTs that belong together, in both directions', () => {
    expectBaseOts(first.asSender, second.asReceiver);
    expectBaseOts(second.asSender, first.asReceiver);
  });

  test('Nabla, seeds and zero seed are fresh; the zero seed is the same on both sides', () => {
    const old = [...secretsOf(pairOf(shares, 1, 2)), ...secretsOf(pairOf(shares, 2, 1))];
    const fresh = [...secretsOf(first), ...secretsOf(second)];
    expect(fresh.filter((secret) => old.includes(secret))).toEqual([]);
    expect(new Set(fresh).size).toBe(fresh.length - 1); // the zero seed twice
    expect(second.zeroSeed).toEqual(first.zeroSeed);
    expect([first.pairCounter, second.pairCounter]).toEqual([1, 1]);
  });

  test('another session id gives other states, from the same randomness', () => {
    const other = rekeyed({ rnd: 8 });
    expect(pairOf(other, 1, 2).zeroSeed).not.toEqual(first.zeroSeed);
    expect(pairOf(other, 1, 2).asSender.seeds).not.toEqual(first.asSender.seeds);
  });

  test('the states are bound to the ssid of the key: another epoch of it fails', () => {
    const share = shareOf(2);
    const foreign = { ...share, certificate: { ...share.certificate, ssid: Buffer.alloc(32) } };
    const { outcomes } = runSessions(rekeySessions(new Map(shares).set(2, foreign), PAIR));
    expect(outcomes.get(1)).toMatchObject({ failure: { failureClass: 'AGREE', check: 'rekey.r2.rsid' } });
  });

  test('a committee with the pair presigns and signs with the new state', () => {
    const batches = presign(after, [1, 2], 1, 'new pair');
    expect(signs(batches)).toBe(true);
    const again = rekeyed({ pairCounter: 2, seed: 'again' }, after);
    expect(signs(presign(again, [1, 2], 1, 'new pair'))).toBe(true);
  });

  test('the other pairs are untouched: a committee of all three signs', () => {
    expect(pairOf(after, 1, 3)).toBe(pairOf(shares, 1, 3));
    expect(shareOf(3, after)).toBe(shareOf(3));
    expect(signs(presign(after, [1, 2, 3], 1, 'three'))).toBe(true);
  });

  test('members of different pair counters stop with CONFIG, never BAN (16)', () => {
    for (const behind of [1, 2]) {
      const mixed = new Map(after).set(behind, shareOf(behind));
      const verdicts: number[] = [];
      const judge = createPairJudge(new Set(), (peer) => verdicts.push(peer));
      const { outcomes } = runSessions(presignSessions(mixed, [1, 2], 1, 'mixed', () => ({ judge })));
      for (const index of PAIR) {
        expect(outcomes.get(index)).toMatchObject({
          failure: { failureClass: 'CONFIG', check: 'presign.r1.pe', accused: 3 - index },
        });
      }
      expect(verdicts).toEqual([]);
    }
  });

  describe('a state that was wiped', () => {
    const failure = { failureClass: 'CONFIG', check: 'presign.pair-wiped', accused: 2 };

    test('begins no presigning', () => {
      const keys = dealKey(2, 3, seededRandom('2-of-3')).shares;
      wipePairState(pairOf(keys, 1, 2));
      const started = presignSessions(keys, [1, 2], 1, 'wiped').get(1)?.start();
      expect(started).toMatchObject({ outgoing: [], outcome: { failure } });
    });

    test.each([1, 2])(
      'under an open presigning answers nothing after round %i, and condemns nobody',
      (last) => {
        const keys = dealKey(2, 3, seededRandom('2-of-3')).shares;
        const verdicts: number[] = [];
        const judge = createPairJudge(new Set(), (peer) => verdicts.push(peer));
        const sessions = presignSessions(keys, [1, 2], 1, 'wiped', () => ({ judge }));
        const { outcomes, sent } = runSessions(sessions, (frame, from) => {
          if (from === 1 && parseFrame(frame)?.round === last) wipePairState(pairOf(keys, 1, 2));
          return [frame];
        });
        expect(outcomes.get(1)).toMatchObject({ failure });
        const rounds = sent.map(
          ({ frame, from }) => (from === 1 ? parseFrame(frame)?.round : undefined) ?? 0,
        );
        expect(Math.max(...rounds)).toBe(last);
        expect(verdicts).toEqual([]);
      },
    );
  });

  test('a pair whose state was erased is re-keyed', () => {
    const dead = dealKey(2, 3, seededRandom('2-of-3')).shares;
    wipePairState(pairOf(dead, 1, 2));
    wipePairState(pairOf(dead, 2, 1));
    const revived = rekeyed({}, dead);
    expect(signs(presign(revived, [1, 2], 1, 'revived'))).toBe(true);
  });

  test('a re-keyed share has an encoding', () => {
    expect(encodePendingKeyShare(shareOf(1, after))).not.toEqual(encodePendingKeyShare(shareOf(1)));
  });

  test('wire sizes: 64, 32 + 8448, 32 + 8480, 33 bytes', () => {
    const sizes = honest.sent.map(({ frame }) => {
      const parsed = parseFrame(frame);
      return `${parsed?.type} ${parsed?.round} ${parsed?.to === BROADCAST} ${parsed?.payload.length}`;
    });
    expect([...new Set(sizes)].sort()).toEqual([
      '5 1 true 64',
      '5 2 false 8464',
      '5 2 true 32',
      '5 3 false 8496',
      '5 3 true 32',
      '5 4 true 33',
    ]);
  });

  test('known answer of a whole run: the wire format cannot change silently', () => {
    const transcript = createHash('sha256');
    for (const { frame } of honest.sent) transcript.update(frame);
    expect([transcript.digest('hex'), first.zeroSeed.toString('hex')]).toMatchInlineSnapshot(`
     [
       "60f448a1730dc5c258bafc56f727f31f8699053396084a2ba10969052da6f360",
       "a7a3da37ce02635c47027c56ae617a5cc2977fc15514404b27b20ab6582f19d8",
     ]
    `);
  });
});

describe('pair re-key: order and delivery (2, 9)', () => {
  test('the state is pending before the own confirmation leaves, and is the result', () => {
    const lost = runSessions(rekeySessions(shares, PAIR), (frame) =>
      parseFrame(frame)?.round === 4 ? [] : [frame],
    );
    expect([...lost.pending.keys()].sort()).toEqual([1, 2]);
    expect(lost.outcomes.size).toBe(0);
    expect(stateOf(honest.outcomes, 1)).toBe(honest.pending.get(1));
  });

  test('one missing message leaves no result where it is missing, and no pending state before round 4', () => {
    expect(honest.sent).toHaveLength(2 + 4 + 4 + 2);
    for (const { frame: lost } of honest.sent.filter(({ from }) => from === 2)) {
      const sessions = rekeySessions(shares, PAIR);
      const run = runSessions(sessions, (frame) => (frame.equals(lost) ? [] : [frame]));
      const isLast = parseFrame(lost)?.round === 4;
      expect(run.outcomes.has(1)).toBe(false);
      expect(run.pending.has(1)).toBe(isLast);
    }
  });

  test('one confirmation lost: both hold the new state, the peer announces it, and both presign with it', () => {
    const { outcomes, pending } = runSessions(rekeySessions(shares, PAIR), (frame, from) =>
      from === 2 && parseFrame(frame)?.round === 4 ? [] : [frame],
    );
    const own = pending.get(1);
    if (!own || outcomes.has(1)) throw new Error('party 1 has no result');
    const second = withPair(shareOf(2), 1, stateOf(outcomes, 2));
    const sessions = presignSessions(new Map(shares).set(2, second), PAIR.slice(), 1, 'announce');
    const frames = sessions.get(2)?.start().outgoing ?? [];
    expect(frames.map(({ frame }) => announcesPair(frame, shareOf(1), 2, own))).toEqual([false, true]);
    const both = new Map(shares).set(1, withPair(shareOf(1), 2, own)).set(2, second);
    expect(signs(presign(both, [1, 2], 1, 'announced'))).toBe(true);
  });

  test('a frame announces the new state only if the peer signed it, for this key, party and counter', () => {
    const own = honest.pending.get(1);
    if (!own) throw new Error('party 1 has a pending state');
    const framesOf = (peerPair: PairState) => {
      const peer = { ...shareOf(2), pairs: new Map(shareOf(2).pairs).set(1, peerPair) };
      const sessions = presignSessions(new Map(shares).set(2, peer), [1, 2, 3], 1, 'announce');
      return (sessions.get(2)?.start().outgoing ?? []).map(({ frame }) => frame);
    };
    const announces = (frame: Uint8Array, share = shareOf(1)) => announcesPair(frame, share, 2, own);
    const [broadcast, direct, toThird] = framesOf({ ...pairOf(shares, 2, 1), pairCounter: 1 });
    const [, old] = framesOf(pairOf(shares, 2, 1));
    if (!broadcast || !direct || !toThird || !old) throw new Error('three frames each');
    const parsed = parseFrame(direct);
    if (!parsed) throw new Error('a frame');
    const signedBy2 = (change: Partial<FrameHeader>) =>
      encodeFrame({ ...parsed, ...change }, parsed.payload, identityOf(2).sign);
    expect(announces(direct)).toBe(true);
    expect(announces(signedBy2({}))).toBe(true);
    for (const frame of [
      signedBy2({ from: 3 }),
      signedBy2({ to: 3 }),
      signedBy2({ to: BROADCAST }),
      signedBy2({ type: FRAME_TYPES.rekey }),
      signedBy2({ round: 2 }),
      signedBy2({ suite: 2 }),
      broadcast,
      toThird,
      old,
      resigned(direct, identityOf(3), (payload) => payload),
      resigned(direct, identityOf(2), () => Buffer.alloc(3)),
      resigned(direct, identityOf(2), () => Buffer.alloc(0)),
      direct.subarray(1),
      Buffer.alloc(0),
    ]) {
      expect(announces(frame)).toBe(false);
    }
    expect(announces(direct, { ...shareOf(1), epoch: 1 })).toBe(false);
    expect(announces(direct, { ...shareOf(1), keyId: Buffer.alloc(32) })).toBe(false);
    expect(announcesPair(direct, shareOf(1), 3, own)).toBe(false);
    expect(announcesPair(direct, shareOf(1), 2, { ...own, pairCounter: 2 })).toBe(false);
    const [hello] = rekeySessions(shares, PAIR).get(2)?.start().outgoing ?? [];
    expect(hello && announces(hello.frame)).toBe(false);
  });

  test('messages may come twice and in another order', () => {
    let last = 0;
    const run = runSessions(
      rekeySessions(shares, PAIR),
      (frame) => [frame, frame],
      (waiting) => (last = (last * 7 + 3) % waiting),
    );
    expect([...run.outcomes.values()].map(({ kind }) => kind)).toEqual(['result', 'result']);
  });

  test('frames of an earlier re-key mean nothing in the next', () => {
    for (const next of [
      rekeySessions(shares, PAIR, { pairCounter: 2 }),
      rekeySessions(shares, PAIR, { rnd: 8 }),
    ]) {
      const session = next.get(1);
      session?.start();
      for (const { frame } of honest.sent.filter(({ to }) => to === 1)) {
        expect(session?.receive(frame)).toEqual({ outgoing: [], dropped: 'other-session' });
      }
    }
  });

  test('replayed payloads that the peer signs again are refused, in each round', () => {
    const earlier = new Map<string, Buffer>();
    for (const { frame, from } of runSessions(rekeySessions(shares, PAIR, { seed: 'earlier' })).sent) {
      const parsed = parseFrame(frame);
      if (from === 2 && parsed) earlier.set(`${parsed.round} ${parsed.to}`, parsed.payload);
    }
    const replay =
      (round: number, to: number): Tamper =>
      (frame, from) => {
        const parsed = parseFrame(frame);
        const isTarget = from === 2 && parsed?.round === round && parsed.to === to;
        return [
          isTarget ? resigned(frame, identityOf(2), () => earlier.get(`${round} ${to}`) ?? frame) : frame,
        ];
      };
    const checks = (
      [
        [1, BROADCAST],
        [2, BROADCAST],
        [2, 1],
        [3, BROADCAST],
        [3, 1],
        [4, BROADCAST],
      ] as const
    ).map(([round, to]) => failureOfOne({}, replay(round, to))?.message);
    expect(checks).toEqual([
      'AGREE: rekey.r2.rsid',
      'AGREE: rekey.r2.rsid',
      'IDENT-P(2): session.aead',
      'AGREE: rekey.r3.rsid',
      'IDENT-P(2): session.aead',
      'AGREE: rekey.r4.confirmation',
    ]);
  });
});

describe('pair re-key: tampering in each round (9)', () => {
  test.each([
    ['nonce', 1, 0, 'AGREE', 'rekey.r2.rsid', undefined],
    ['xk: the peers hold different keys', 1, 40, 'AGREE', 'rekey.r2.rsid', undefined],
    ['rsid', 2, 0, 'AGREE', 'rekey.r2.rsid', undefined],
    ['rsid', 3, 31, 'AGREE', 'rekey.r3.rsid', undefined],
    ['confirmation', 4, 1, 'AGREE', 'rekey.r4.confirmation', undefined],
    ['kind of the result', 4, 0, 'IDENT', 'rekey.r4.form', 2],
  ] as const)('broadcast: %s, round %i', (_, round, offset, failureClass, check, accused) => {
    const failure = failureOfOne({}, broadcastBy2(round, flip(offset)));
    expect(failure).toMatchObject({ failureClass, check, accused });
    expect(failure?.evidence.length).toBeGreaterThan(0);
  });

  test('an xk of small order is refused', () => {
    const zero = (payload: Buffer) => payload.fill(0, 32);
    expect(failureOfOne({}, broadcastBy2(1, zero))).toMatchObject({
      failureClass: 'IDENT',
      check: 'session.xk',
      accused: 2,
    });
  });

  test.each([2, 3])(
    'an invalid base OT point inside encryption in round %i: only the victim can tell',
    (round) => {
      for (const offset of [0, BASE_OT_MESSAGE_BYTES - 33]) {
        const lie = directBy2(round, (message) => message.fill(0, offset, offset + 33));
        const { outcomes, sent, pending } = runSessions(rekeySessions(shares, PAIR, { lie }));
        const check = `rekey.r${round}.base-ot`;
        expect(outcomes.get(1)).toMatchObject({ failure: { failureClass: 'IDENT-P', check, accused: 2 } });
        expect(pending.has(1)).toBe(false);
        const last = parseFrame(sent.findLast(({ from }) => from === 1)?.frame ?? Buffer.alloc(0));
        expect(last).toMatchObject({ round: 4, payload: Buffer.from([2, 0, 2, 4]) });
        expect(outcomes.get(2)).toMatchObject({
          failure: { failureClass: 'UNATTRIBUTED', check: 'rekey.r4.abort' },
        });
      }
    },
  );

  test('a direct message that fails authentication', () => {
    for (const round of [2, 3]) {
      const failure = failureOfOne({}, (frame, from) => {
        const parsed = parseFrame(frame);
        const isTarget = from === 2 && parsed?.round === round && parsed.to === 1;
        return [isTarget ? resigned(frame, identityOf(2), flip(100)) : frame];
      });
      expect(failure).toMatchObject({ failureClass: 'IDENT-P', check: 'session.aead', accused: 2 });
    }
  });

  test('another contribution or base OT message than the peer claims: the confirmations differ', () => {
    const swap = (message: Buffer) => {
      const first = Buffer.from(message.subarray(0, 33));
      message.copyWithin(0, 33, 66);
      message.set(first, 33);
    };
    for (const lie of [
      directBy2(2, swap),
      directBy2(3, swap),
      directBy2(3, (message) => message.fill(9, BASE_OT_MESSAGE_BYTES)),
    ]) {
      const { outcomes, pending } = runSessions(rekeySessions(shares, PAIR, { lie }));
      expect(outcomes.get(1)).toMatchObject({
        failure: { failureClass: 'AGREE', check: 'rekey.r4.confirmation' },
      });
      expect(pending.has(1)).toBe(true); // stored, and never used: no message announces it
    }
  });

  test.each([1, 2, 3])('two versions of one broadcast convict, round %i', (round) => {
    const failure = failureOfOne({}, (frame, from) => {
      const parsed = parseFrame(frame);
      const isTarget = from === 2 && parsed?.round === round && parsed.to === BROADCAST;
      return isTarget ? [frame, resigned(frame, identityOf(2), flip(0))] : [frame];
    });
    expect(failure).toMatchObject({ failureClass: 'IDENT', check: 'session.equivocation', accused: 2 });
    const [a, b] = failure?.evidence ?? [];
    expect(a && b && provesEquivocation(a, b, identityOf(2).identityKey)).toBe(true);
  });

  test('an abort of the peer ends the session at once', () => {
    const last = honest.sent.findLast(({ from }) => from === 2)?.frame ?? Buffer.alloc(0);
    const results = [
      [Buffer.from([2, 0, 1, 4]), 'UNATTRIBUTED', 'rekey.r4.abort'],
      [Buffer.from([2, 0, 0, 3]), 'AGREE', 'rekey.r4.abort'],
      [Buffer.from([1, 0, 1, 4]), 'IDENT', 'rekey.r4.form'],
    ] as const;
    for (const [payload, failureClass, check] of results) {
      const session = rekeySessions(shares, PAIR).get(1);
      session?.start();
      const step = session?.receive(resigned(last, identityOf(2), () => payload));
      expect(step?.outcome).toMatchObject({ failure: { failureClass, check } });
    }
  });
});

describe('pair re-key: what is refused before anything happens', () => {
  const keyShare = shareOf(1);
  const config = { index: 1, keyShare, sign: identityOf(1).sign, random: seededRandom('refused') };
  const start = rekeyStart(keyShare, PAIR);
  const [own, other] = start.participants;
  if (!own || !other) throw new RangeError('two participants');

  test.each([
    ['another epoch', { epoch: 1 }],
    ['another threshold', { threshold: 3 }],
    ['another suite', { suite: 2 }],
    ['another key', { keyId: Buffer.alloc(32) }],
    ['the present pair counter', { pairCounter: 0 }],
    ['one member', { participants: [own] }],
    ['a foreign pair', { participants: [other, { ...own, index: 3 }] }],
    ['a member that is no party', { participants: [own, { ...other, index: 9 }] }],
    [
      'a member with another identity',
      { participants: [own, { ...other, identityKey: identityOf(5).identityKey }] },
    ],
  ] as const)('%s', (_, change) => {
    expect(() => createRekeySession({ ...config, start: { ...start, ...change } })).toThrow(InvalidInput);
  });

  test('a pair counter that was used before', () => {
    const { outcomes } = runSessions(rekeySessions(shares, PAIR, { pairCounter: 3 }));
    const after = withPair(keyShare, 2, stateOf(outcomes, 1));
    for (const pairCounter of [1, 2, 3]) {
      const again = { ...start, pairCounter };
      expect(() => createRekeySession({ ...config, keyShare: after, start: again })).toThrow(InvalidInput);
    }
    expect(() =>
      createRekeySession({ ...config, keyShare: after, start: { ...start, pairCounter: 4 } }),
    ).not.toThrow();
  });

  test('a state that is not newer, or of no peer, replaces nothing', () => {
    const newer = { ...pairOf(shares, 1, 2), pairCounter: 1 };
    expect(withPair(keyShare, 2, newer).pairs.get(2)).toBe(newer);
    expect(keyShare.pairs.get(2)?.pairCounter).toBe(0);
    expect(() => withPair(keyShare, 2, pairOf(shares, 1, 2))).toThrow(InvalidInput);
    expect(() => withPair(keyShare, 1, newer)).toThrow(InvalidInput);
    expect(() => withPair(keyShare, 9, newer)).toThrow(InvalidInput);
  });

  test('the key share of another party', () => {
    expect(() => createRekeySession({ ...config, keyShare: shareOf(3), start })).toThrow(InvalidInput);
  });

  test('a presign start is none of a re-key', () => {
    const other = presignStart(shares, [...PAIR], 1);
    expect(() => createRekeySession({ ...config, start: other })).toThrow(InvalidInput);
  });
});

describe('pair re-key secrets', () => {
  /** Runs both sessions, or only delivers up to a round, and returns what party 1 drew. */
  function drawnBy1(lastRound: number, lie?: RekeyOptions['lie']) {
    const source = seededRandom('drawn');
    const drawn: Buffer[] = [];
    const random = (bytes: number) => {
      const fresh = source(bytes);
      drawn.push(fresh);
      return fresh;
    };
    const sessions = rekeySessions(shares, PAIR, { random: new Map([[1, random]]), ...(lie ? { lie } : {}) });
    const run = runSessions(sessions, (frame) =>
      (parseFrame(frame)?.round ?? 0) <= lastRound ? [frame] : [],
    );
    return { session: sessions.get(1), drawn, run };
  }
  const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);
  const isNabla = (bytes: Buffer) => bytes.length === 16;

  test.each([1, 2])('an abort after round %i wipes Nabla and every secret scalar', (lastRound) => {
    const { session, drawn } = drawnBy1(lastRound);
    expect(drawn.filter(isNabla)).toHaveLength(1);
    expect(drawn.filter(isNabla).some(isZero)).toBe(false);
    session?.abort();
    const scalars = drawn.filter((bytes) => bytes.length === 32).slice(2); // X25519 key is wiped at once, nonce is public
    expect(drawn.filter(isNabla).every(isZero)).toBe(true);
    expect(scalars.length).toBeGreaterThanOrEqual(128);
    expect(scalars.every(isZero)).toBe(true);
  });

  test('a failure wipes them too', () => {
    for (const round of [2, 3]) {
      const { drawn, run } = drawnBy1(
        4,
        directBy2(round, (message) => message.fill(0, 0, 33)),
      );
      expect(run.outcomes.get(1)?.kind).toBe('failure');
      expect(drawn.filter(isNabla).every(isZero)).toBe(true);
    }
  });

  test('the pending state survives a later abort: it belongs to the caller', () => {
    const { session, run } = drawnBy1(3);
    const pending = run.pending.get(1);
    if (!session || !pending) throw new Error('party 1 has a pending state');
    session.abort();
    const secrets = [
      ...Object.values(pending.asSender),
      ...Object.values(pending.asReceiver),
      pending.zeroSeed,
    ];
    expect(secrets).toHaveLength(5);
    expect(secrets.some(isZero)).toBe(false);
    wipePairState(pending);
    expect(secrets.every(isZero)).toBe(true);
  });
});
