import { InvalidInput } from '../errors';
import { judgeEvidence } from '../evidence/judge-evidence';
import { encodeEvidence, findEquivocations, openEvidence, provesEquivocation } from '../session/equivocation';
import { parseFrame } from '../session/frame';
import { complaintBytes, encryptShare } from '../sharing/complaint';
import { type Polynomial, randomPolynomial } from '../sharing/polynomial';
import { proveKnowledge } from '../sharing/proof-of-knowledge';
import { groupOf } from '../suite';
import {
  failuresOf,
  keygenStart,
  resigned,
  resultsOf,
  type Run,
  runSessions,
  schnorrKeygenSessions,
  type Tamper,
  type TestParty,
  testParties,
} from '../testing/ceremony-network';
import { dishonestKeygen } from '../testing/dishonest-dealing';
import { seededRandom } from '../testing/seeded-random';
import { broadcastBy, complaintWithoutProof, flip, set } from '../testing/tampering';
import { keygenContext } from './context';
import { keygenDealing } from './dealing';
import { activateKeyShare, createSchnorrKeygenSession } from './keygen';
import { type PendingSchnorrKeyShare, type SchnorrKeyShare, schnorrShare } from './key-share';
import { encodeCommitment, encodeDealing, parseCommitment, parseDealing } from './messages';
import { openingCommitment } from './transcript';

type KeygenRun = Run<SchnorrKeyShare, PendingSchnorrKeyShare>;

const parties = testParties(3);
const [party1, party2, party3] = parties;
if (!party1 || !party2 || !party3) throw new Error('three parties');

/** Fixed parties: each call draws the same randomness. */
const freshParties = () => testParties(3);
const identities = new Map(parties.map((party) => [party.index, party.identityKey]));

function payloadOf(run: KeygenRun, round: number, from: number): Buffer {
  const frames = run.sent.map(({ frame }) => parseFrame(frame));
  const found = frames.find((frame) => frame?.round === round && frame.from === from);
  if (!found) throw new Error(`no broadcast of party ${from}`);
  return found.payload;
}

/** Whom each honest party of three convicts, and by which check: party 3 cheats. */
function verdicts(run: KeygenRun): unknown {
  const failures = failuresOf(run);
  return [1, 2].map((party) => {
    const { failureClass, check, accused } = failures.get(party) ?? {};
    return { failureClass, check, accused };
  });
}

const bothConvict3 = (check: string) => Array<unknown>(2).fill({ failureClass: 'IDENT', check, accused: 3 });

describe.each([3, 4] as const)('key generation of suite %i convicts or stops (3, 9, 16)', (suite) => {
  const group = groupOf(suite);
  const P = group.pointBytes;
  const start = keygenStart(parties, 2, suite);
  const otherPoint = group.multiplyBase(seededRandom('other')(32).fill(0, 0, 1));
  const sessions = () => schnorrKeygenSessions(freshParties(), 2, suite);
  const tampered = (tamper: Tamper) => runSessions(sessions(), tamper);
  const honest = tampered((frame) => [frame]);
  type Change = Parameters<typeof dishonestKeygen>[4];
  const dishonest = (change: Change, tamper?: Tamper) =>
    runSessions(sessions().set(3, dishonestKeygen(freshParties(), 2, suite, cheater(), change)), tamper);
  const cheater = (): TestParty => freshParties()[2] ?? party3;
  const pok = 32 + 2 * P + 64;

  test('no fault, no verdict', () => {
    expect(resultsOf(honest).size).toBe(3);
    expect(
      judgeEvidence(
        start,
        honest.sent.map(({ frame }) => frame),
      ),
    ).toBeUndefined();
  });

  test.each([
    ['an EK off the group', 1, set(96, Buffer.alloc(P, 0xff)), 'keygen.r1.point'],
    ['an xk of small order: a zero X25519 output is refused', 1, set(32, Buffer.alloc(32)), 'session.xk'],
    ['another constant than committed', 2, set(32, otherPoint), 'keygen.r2.com'],
    ['another salt', 2, flip(pok - 1), 'keygen.r2.com'],
    ['another ccom', 2, flip(pok - 33), 'keygen.r2.com'],
    ['a zero coefficient: the identity has no encoding', 2, set(32 + P, Buffer.alloc(P)), 'keygen.r2.point'],
    ['a PoK copied from party 1', 2, set(pok, payloadOf(honest, 2, 1).subarray(pok)), 'keygen.r2.pok'],
    ['a PoK with K off the group', 2, set(pok, Buffer.alloc(P, 0xff)), 'keygen.r2.pok'],
    ['a PoK with another z', 2, flip(pok + P + 31), 'keygen.r2.pok'],
    ['a PoK with z >= order', 2, set(pok + P, Buffer.alloc(32, 0xff)), 'keygen.r2.pok'],
    ['a PoK with z = 0', 2, set(pok + P, Buffer.alloc(32)), 'keygen.r2.pok'],
    ['another contribution to the chain code', 3, flip(40), 'keygen.r3.chain-code'],
    ['another salt of the chain code', 3, flip(70), 'keygen.r3.chain-code'],
    ['an ephemeral key off the group', 3, set(96, Buffer.alloc(P, 0xff)), 'keygen.r3.point'],
  ] as const)('%s', (_, round, change, check) => {
    const run = tampered(broadcastBy(party3, round, change));
    const failure = failuresOf(run).get(1);
    expect(failure).toMatchObject({ failureClass: 'IDENT', check, accused: 3 });
    expect(failure?.evidence).toHaveLength(round);
    expect(judgeEvidence(start, failure?.evidence ?? [])).toEqual({ accused: 3, check });
  });

  test('a PoK for another ssid', () => {
    const other = schnorrKeygenSessions(freshParties(), 2, suite);
    const elsewhere = { ...start, rnd: Buffer.alloc(32, 9) };
    for (const party of freshParties()) {
      const { index, sign, random } = party;
      other.set(index, createSchnorrKeygenSession({ start: elsewhere, index, sign, random }));
    }
    const opening = payloadOf(runSessions(other), 2, 3);
    expect(opening.subarray(32, 32 + P)).toEqual(payloadOf(honest, 2, 3).subarray(32, 32 + P));
    const run = tampered(broadcastBy(party3, 2, set(pok, opening.subarray(pok))));
    expect(failuresOf(run).get(1)).toMatchObject({ check: 'keygen.r2.pok', accused: 3 });
  });

  describe('rogue key: A_3 = Y* - A_1 - A_2, for a key Y* whose secret the cheater knows', () => {
    const rogue = [1, 2].reduce((sum, party) => {
      const constant = group.parsePoint(payloadOf(honest, 2, party).subarray(32, 32 + P));
      const difference = constant && group.addPoints(sum, group.negatePoint(constant));
      if (!difference) throw new Error('a point');
      return difference;
    }, otherPoint);

    test('chosen after the others opened: the opening differs from the commitment', () => {
      const run = tampered(broadcastBy(party3, 2, set(32, rogue)));
      expect(failuresOf(run).get(1)).toMatchObject({ check: 'keygen.r2.com', accused: 3 });
    });

    test('committed to in advance, by a miracle: there is no proof of knowledge', () => {
      const run = dishonest((dealing, context) => ({
        commit(exchangeKey) {
          const { state, payloads } = dealing.commit(exchangeKey);
          const message = parseCommitment(context, payloads.broadcast, 3);
          if (!message) throw new Error('a commitment');
          const [, ...higher] = state.commitments;
          const chosen = { ...state, commitments: [rogue, ...higher] as const };
          const commitment = openingCommitment(context.sid, 3, message.nonce, chosen);
          return { state: chosen, payloads: { broadcast: encodeCommitment({ ...message, commitment }) } };
        },
      }));
      expect(failuresOf(run).get(1)).toMatchObject({ check: 'keygen.r2.pok', accused: 3 });
    });
  });

  test.each([
    ['t+1', (p: Buffer) => Buffer.concat([p.subarray(0, 32 + P), otherPoint, p.subarray(32 + P)])],
    ['t-1', (p: Buffer) => Buffer.concat([p.subarray(0, 32 + P), p.subarray(32 + 2 * P)])],
  ])('%s coefficients are no message of the protocol', (_, change) => {
    expect(tampered(broadcastBy(party3, 2, change)).outcomes.size).toBe(0);
  });

  test.each([
    ['ssid', 2, flip(0), 'keygen.r2.ssid'],
    ['digest of round 2', 3, flip(0), 'keygen.r3.echo'],
    ['confirmation', 4, flip(1), 'keygen.r4.confirmation'],
  ] as const)('%s differs: AGREE, nobody accused', (_, round, change, check) => {
    const run = tampered(broadcastBy(party3, round, change));
    expect(failuresOf(run).get(1)).toMatchObject({ failureClass: 'AGREE', check, accused: undefined });
  });

  test('two versions of a broadcast to one party convict at once', () => {
    const run = tampered((frame, from) => {
      const isFirst = from === 3 && parseFrame(frame)?.round === 1;
      return isFirst ? [frame, resigned(frame, party3, flip(0))] : [frame];
    });
    const failure = failuresOf(run).get(1);
    expect(failure).toMatchObject({ failureClass: 'IDENT', check: 'session.equivocation', accused: 3 });
    const [a, b] = failure?.evidence ?? [];
    expect(a && b && provesEquivocation(a, b, party3.identityKey)).toBe(true);
  });

  /** Another proof of the same party for the same constant: both verify. */
  const secondProof = (): Tamper => {
    const drawn = cheater();
    const context = keygenContext(start, { start, ...drawn }, schnorrShare(suite));
    drawn.random(32); // the exchange key of its session
    const { polynomial, commitments } = keygenDealing(context).commit(Buffer.alloc(32)).state;
    const random = seededRandom('second proof');
    const change = (payload: Buffer): Buffer => {
      const ssid = payload.subarray(0, 32);
      return set(pok, proveKnowledge(group, ssid, 3, polynomial[0], commitments[0], random))(payload);
    };
    return broadcastBy(party3, 2, change, 1);
  };

  test.each([
    ['commitments', () => broadcastBy(party3, 1, flip(64), 1), 'keygen.r2.ssid'],
    ['openings', secondProof, 'keygen.r3.echo'],
  ])('%s sent differently to two parties: the frames that they exchange convict', (_, tamper, check) => {
    const run = tampered(tamper());
    expect(failuresOf(run).get(1)).toMatchObject({ failureClass: 'AGREE', check });
    const pool: Buffer[] = [];
    for (const party of [party1, party2]) {
      const failure = failuresOf(run).get(party.index);
      if (!failure) throw new Error('both fail');
      for (const evidence of encodeEvidence(start, party.index, failure.evidence, party.sign)) {
        const frame = openEvidence(start, evidence);
        if (frame) pool.push(frame);
      }
    }
    const found = findEquivocations(pool, identities);
    expect(found.map(({ accused }) => accused)).toEqual([3]);
    const [a, b] = found[0]?.evidence ?? [];
    expect(a && b && provesEquivocation(a, b, party3.identityKey)).toBe(true);
    expect(judgeEvidence(start, pool)).toEqual({ accused: 3, check: 'session.equivocation' });
  });

  describe('complaints', () => {
    const withShare =
      (receiver: number, value: Buffer): Change =>
      (dealing, context) => ({
        deal(committed, messages) {
          const step = dealing.deal(committed, messages);
          const message = parseDealing(group, step.payloads.broadcast, [1, 2]);
          const receiverKey = step.state.complaintKeys.get(receiver)?.get(3);
          if (!message || !receiverKey) throw new Error('a dealing');
          const shares = new Map(message.shares);
          const share = { group, ssid: committed.ssid, dealer: 3, receiver, receiverKey };
          shares.set(receiver, encryptShare(share, value, context.random));
          return { ...step, payloads: { broadcast: encodeDealing({ ...message, shares }) } };
        },
      });
    const withPolynomial =
      (polynomial: Polynomial): Change =>
      (dealing) => ({
        deal: (committed, messages) => dealing.deal({ ...committed, polynomial }, messages),
      });
    const otherPolynomial = randomPolynomial(group, 2, seededRandom('other polynomial'));
    const pooled = (run: KeygenRun) => [...failuresOf(run).values()].flatMap(({ evidence }) => evidence);

    test.each<[string, () => KeygenRun]>([
      ['a share off the polynomial, for one', () => tampered(broadcastBy(party3, 3, flip(96 + P)))],
      ['a share >= order, for one', () => dishonest(withShare(2, Buffer.alloc(32, 0xff)))],
      ['a share of zero, for one', () => dishonest(withShare(1, Buffer.alloc(32)))],
      ['shares of another polynomial, for all', () => dishonest(withPolynomial(otherPolynomial))],
    ])('%s: every party convicts the dealer, and so does who sees the evidence of one', (_, run) => {
      const ran = run();
      expect(verdicts(ran)).toEqual(bothConvict3('keygen.r3.share'));
      for (const party of [1, 2]) {
        const evidence = failuresOf(ran).get(party)?.evidence ?? [];
        expect(evidence).toHaveLength(3 + 2 + 1);
        expect(judgeEvidence(start, evidence)).toEqual({ accused: 3, check: 'keygen.r3.share' });
        expect(judgeEvidence(start, [...evidence].reverse())?.accused).toBe(3);
        for (const missing of evidence) {
          expect(
            judgeEvidence(
              start,
              evidence.filter((frame) => frame !== missing),
            ),
          ).toBeUndefined();
        }
        expect(judgeEvidence({ ...start, rnd: Buffer.alloc(32) }, evidence)).toBeUndefined();
      }
    });

    test('a first message that the dealer did not have in its view convicts nobody', () => {
      const run = tampered(broadcastBy(party3, 3, flip(96 + P)));
      const evidence = failuresOf(run).get(2)?.evidence ?? [];
      const [own, ...others] = evidence;
      const moved = own && resigned(own, party1, flip(0)); // party 1 is the victim
      expect(judgeEvidence(start, own ? [own, ...others] : [])?.accused).toBe(3);
      expect(judgeEvidence(start, moved ? [moved, ...others] : evidence)).toBeUndefined();
    });

    test('a complaint that comes before round 3 is complete is judged when it is', () => {
      const late: Buffer[] = [];
      const running = sessions();
      const run = runSessions(running, (frame, from, to) => {
        const { round } = parseFrame(frame) ?? {};
        if (from === 2 && to === 1 && round === 3) {
          late.push(frame);
          return [];
        }
        return broadcastBy(party3, 3, flip(96 + P + 32 + P))(frame, from, to);
      });
      expect([...run.outcomes.keys()]).toEqual([2, 3]);
      const output = late.map((frame) => running.get(1)?.receive(frame));
      expect(output).toHaveLength(1);
      expect(output[0]?.outcome).toMatchObject({
        failure: { failureClass: 'IDENT', check: 'keygen.r3.share', accused: 3 },
      });
    });

    /** Party 3 complains about party 1 although its share is good. */
    const unfounded = (proofOf: 'good share' | 'nothing') => {
      if (proofOf === 'nothing') return tampered(complaintWithoutProof(party3, 1, otherPoint));
      return dishonest((dealing) => ({
        confirm(opened, messages) {
          const [first, second] = [opened.openings.get(1), opened.openings.get(2)];
          if (!first || !second) throw new Error('openings');
          const { commitments } = second; // so that the good share of party 1 looks bad
          const openings = new Map(opened.openings).set(1, { ...first, commitments });
          return dealing.confirm({ ...opened, openings }, messages);
        },
      }));
    };

    test.each(['good share', 'nothing'] as const)(
      'a complaint that proves %s convicts the complainer',
      (of) => {
        const run = unfounded(of);
        expect(verdicts(run)).toEqual(bothConvict3('keygen.r4.unfounded-complaint'));
        const evidence = failuresOf(run).get(1)?.evidence ?? [];
        expect(judgeEvidence(start, evidence)).toEqual({
          accused: 3,
          check: 'keygen.r4.unfounded-complaint',
        });
      },
    );

    test('a dealer with a good share for the world and a bad one for its victim is convicted by the pool', () => {
      const run = tampered(broadcastBy(party3, 3, flip(96 + P), 1));
      const failures = failuresOf(run);
      expect(failures.get(1)).toMatchObject({ check: 'keygen.r3.share', accused: 3 });
      expect(failures.get(2)).toMatchObject({ failureClass: 'AGREE', check: 'keygen.r4.dealing' });
      expect(failures.get(2)?.accused).toBeUndefined();
      expect(judgeEvidence(start, failures.get(2)?.evidence ?? [])).toBeUndefined();
      expect(judgeEvidence(start, pooled(run))).toEqual({ accused: 3, check: 'session.equivocation' });
    });

    test.each([
      ['about itself', Buffer.concat([Buffer.from([1, 0, 3]), Buffer.alloc(complaintBytes(group) - 3)])],
      ['about nobody', Buffer.concat([Buffer.from([1, 0, 9]), Buffer.alloc(complaintBytes(group) - 3)])],
      ['with a length of another kind', Buffer.alloc(33, 1)],
      ['of an unknown kind', Buffer.alloc(4, 9)],
    ])('a result %s has no form: its sender is convicted', (_, payload) => {
      const run = tampered(broadcastBy(party3, 4, () => payload));
      expect(verdicts(run)).toEqual(bothConvict3('keygen.r4.form'));
    });
  });

  test.each([
    ['of another class', 4, 'UNATTRIBUTED'],
    ['because a digest differs', 3, 'AGREE'],
  ])('an abort %s ends the session at once, in any round', (_, code, failureClass) => {
    const first = sessions().get(1);
    const round4 = honest.sent.find(({ frame, from }) => parseFrame(frame)?.round === 4 && from === 2);
    if (!round4) throw new Error('a confirmation');
    first?.start();
    const abort = resigned(round4.frame, party2, () => Buffer.from([2, 0, 1, code]));
    expect(first?.receive(abort).outcome).toMatchObject({
      failure: { failureClass, check: 'keygen.r4.abort' },
    });
  });

  describe('round 4 does not split the parties', () => {
    test('n-1 confirmations, then a crash: nobody has a key', () => {
      const run = tampered((frame, from) => (from === 3 && parseFrame(frame)?.round === 4 ? [] : [frame]));
      expect([...run.outcomes.keys()]).toEqual([3]);
      expect(run.pending.size).toBe(3);
    });

    test.each<[string, (payload: Buffer) => Buffer]>([
      [
        'a complaint',
        () =>
          Buffer.concat([
            Buffer.from([1, 0, 1]),
            Buffer.alloc(32),
            otherPoint,
            otherPoint,
            otherPoint,
            Buffer.alloc(32, 1),
          ]),
      ],
      ['an abort', () => Buffer.from([2, 0, 1, 5])],
      ['another confirmation', flip(1)],
    ])(
      'a confirmation to some and %s to others: the certificate decides, and both frames convict',
      (_, change) => {
        const run = tampered(broadcastBy(party3, 4, change, 2));
        const [first, second] = [run.outcomes.get(1), run.pending.get(2)];
        if (first?.kind !== 'result' || !second) throw new Error('party 1 has a certificate, party 2 waits');
        expect(run.outcomes.get(2)?.kind).toBe('failure');
        const share = activateKeyShare(second, first.value.certificate);
        expect(share.publicKey).toEqual(first.value.publicKey);
        const frames = run.sent.filter(({ from }) => from === 3).map(({ frame }) => frame);
        const [sent] = frames.filter((frame) => parseFrame(frame)?.round === 4);
        const other = sent && resigned(sent, party3, change);
        expect(sent && other && provesEquivocation(sent, other, party3.identityKey)).toBe(true);
      },
    );

    test('a party that was offline activates when it is shown the certificate, by whomever', () => {
      const run = tampered((frame, _from, to) => (parseFrame(frame)?.round === 4 && to === 1 ? [] : [frame]));
      const [pending, other] = [run.pending.get(1), run.outcomes.get(2)];
      if (!pending || other?.kind !== 'result') throw new Error('party 2 has a certificate');
      expect(run.outcomes.has(1)).toBe(false);
      expect(activateKeyShare(pending, other.value.certificate)).toEqual(resultsOf(honest).get(1));
      const foreign = resultsOf(runSessions(schnorrKeygenSessions(testParties(3, 'x'), 2, suite))).get(2);
      if (!foreign) throw new Error('another key');
      expect(() => activateKeyShare(pending, foreign.certificate)).toThrow(InvalidInput);
    });
  });
});
