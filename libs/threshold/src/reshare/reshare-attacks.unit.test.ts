import { judgeEvidence } from '../evidence/judge-evidence';
import { H } from '../hash';
import { parseComplaint } from '../sharing/complaint';
import { findEquivocations } from '../session/equivocation';
import { parseFrame } from '../session/frame';
import { invert, mod, scalarToBytes } from '../group/scalar';
import { lagrangeCoefficient, shareMatches } from '../sharing/polynomial';
import { groupOf } from '../suite';
import {
  failuresOf,
  generateSchnorrKey,
  resigned,
  type Run,
  runSessions,
  type Tamper,
} from '../testing/ceremony-network';
import { dishonestReshare } from '../testing/dishonest-dealing';
import { reshareConfig, reshareSessions } from '../testing/reshare-network';
import { broadcastBy, complaintWithoutProof, flip, set } from '../testing/tampering';
import { identityOf } from '../testing/trusted-dealer';
import { type ReshareContext, reshareRoles } from './context';
import { parseOpening, parseShares } from './messages';
import { type PendingReshare, type Reshared } from './pending-reshare';

type ReshareRun = Run<Reshared, PendingReshare>;

/** O = 1, 2, 3 and N = 2, 3, 4: the cheater 3 is in both, 1 only deals, 4 only receives. */
const plan = { dealers: [1, 2, 3], threshold: 2, receivers: [2, 3, 4] };
const everyone = [1, 2, 3, 4];
const cheater = identityOf(3);
const honest = everyone.filter((party) => party !== cheater.index);

describe.each([3, 4] as const)('reshare of suite %i convicts or stops (13, 16)', (suite) => {
  const group = groupOf(suite);
  const P = group.pointBytes;
  const key = generateSchnorrKey(2, 3, suite);
  const { start } = reshareConfig(key, plan, 1);
  const otherPoint = group.multiplyBase(scalarToBytes(12345n));
  const tampered = (tamper: Tamper) => runSessions(reshareSessions(key, plan), tamper);
  const dishonest = (party: number, change: (context: ReshareContext) => Partial<ReshareContext>) => {
    const session = dishonestReshare(reshareConfig(key, plan, party), change);
    return runSessions(reshareSessions(key, plan).set(party, session));
  };
  /** What each party but the accused one says. */
  const expectConviction = (run: ReshareRun, accused: number, check: string) => {
    const failures = failuresOf(run);
    for (const party of everyone.filter((index) => index !== accused)) {
      const { failureClass, check: found, accused: blamed } = failures.get(party) ?? {};
      expect({ party, failureClass, check: found, blamed }).toEqual({
        party,
        failureClass: 'IDENT',
        check,
        blamed: accused,
      });
    }
  };
  /** The first to see it; the others may be told of the abort before they look. */
  const firstFailure = (run: ReshareRun) => failuresOf(run).get(honest[0] ?? 1);

  test.each([
    ['an EK off the group', 1, set(32 + 64, Buffer.alloc(P, 0xff)), 'reshare.r1.point'],
    ['an xk of small order', 1, set(32 + 32, Buffer.alloc(32)), 'session.xk'],
    ['another coefficient than committed', 2, set(32 + P, otherPoint), 'reshare.r2.com'],
    ['another salt', 2, flip(32 + 2 * P), 'reshare.r2.com'],
    ['a zero coefficient: the identity has no encoding', 2, set(32 + P, Buffer.alloc(P)), 'reshare.r2.point'],
    ['an ephemeral key off the group', 3, set(32, Buffer.alloc(P, 0xff)), 'reshare.r3.point'],
  ] as const)('%s', (_, round, change, check) => {
    const failure = firstFailure(tampered(broadcastBy(cheater, round, change)));
    expect(failure).toMatchObject({ failureClass: 'IDENT', check, accused: 3 });
    expect(failure?.evidence).toHaveLength(round);
    expect(judgeEvidence(start, failure?.evidence ?? [])).toEqual({ accused: 3, check });
  });

  test('a constant that is not lambda_i * P_i names the cheating dealer', () => {
    const run = dishonest(3, () => ({ oldShare: scalarToBytes(777n) }));
    expect(firstFailure(run)).toMatchObject({ check: 'reshare.r2.constant', accused: 3 });
  });

  test('the right share under the Lagrange coefficient of another committee does too', () => {
    const run = dishonest(3, ({ oldShare, dealers }) => {
      const [right, wrong] = [dealers, [1, 3]].map((committee) => lagrangeCoefficient(group, committee, 3));
      if (!oldShare || !right || !wrong) throw new Error('a dealer');
      const factor = mod(wrong * invert(right, group.order), group.order);
      return { oldShare: group.multiplyScalars(oldShare, scalarToBytes(factor)) };
    });
    expect(firstFailure(run)).toMatchObject({ check: 'reshare.r2.constant', accused: 3 });
  });

  test('no dealers, however many, can change the public key', () => {
    const sessions = reshareSessions(key, plan);
    for (const party of [1, 3]) {
      const config = reshareConfig(key, plan, party);
      const moved = group.addScalars(config.old.share ?? scalarToBytes(1n), scalarToBytes(1n));
      sessions.set(
        party,
        dishonestReshare(config, () => ({ oldShare: moved })),
      );
    }
    expect(failuresOf(runSessions(sessions)).get(4)).toMatchObject({
      check: 'reshare.r2.constant',
      accused: 1,
    });
  });

  test('a sum of constants that is not the public key stops a party', () => {
    const run = dishonest(3, ({ previous }) => ({ previous: { ...previous, publicKey: otherPoint } }));
    expect(failuresOf(run).get(3)).toMatchObject({
      failureClass: 'UNATTRIBUTED',
      check: 'reshare.r3.public-key',
    });
    expect(firstFailure(run)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'reshare.r4.abort' });
  });

  test.each([
    ["t'+1", (p: Buffer) => Buffer.concat([p.subarray(0, 32 + P), otherPoint, p.subarray(32 + P)])],
    ["t'-1", (p: Buffer) => Buffer.concat([p.subarray(0, 32 + P), p.subarray(32 + 2 * P)])],
  ])('%s coefficients are no message of the protocol: the threshold cannot move', (_, change) => {
    expect(tampered(broadcastBy(cheater, 2, change)).outcomes.size).toBe(0);
  });

  test.each([
    ['ssid', 2, 'reshare.r2.ssid'],
    ['digest of round 2', 3, 'reshare.r3.echo'],
    ['confirmation', 4, 'reshare.r4.confirmation'],
  ] as const)('%s differs: AGREE, nobody accused', (_, round, check) => {
    const failure = firstFailure(tampered(broadcastBy(cheater, round, flip(round === 4 ? 1 : 0))));
    expect(failure).toMatchObject({ failureClass: 'AGREE', check, accused: undefined });
  });

  test.each([
    ['a dealer', 3, 5],
    ['a dealer that leaves', 1, 5],
    ['a receiver', 4, 5],
  ])('first messages of %s that differ: the frames that the parties exchange convict', (_, index, at) => {
    const run = tampered(broadcastBy(identityOf(index), 1, flip(at), 2));
    const pool = [...failuresOf(run).values()].flatMap((failure) => {
      expect(failure.failureClass).toBe('AGREE');
      return failure.evidence;
    });
    const identities = new Map(everyone.map((party) => [party, identityOf(party).identityKey]));
    expect(findEquivocations(pool, identities).map(({ accused }) => accused)).toEqual([index]);
    expect(judgeEvidence(start, pool)).toEqual({ accused: index, check: 'session.equivocation' });
  });

  describe('complaints', () => {
    const share = (k: number) => 32 + k * (P + 32) + P;

    test.each([
      ['that stays', 3, share(1), 'party 4'],
      ['that leaves', 1, share(2), 'party 4'],
      ['that stays', 3, share(0), 'party 2'],
    ])('a bad share of a dealer %s: O and N convict the dealer', (_, dealer, at) => {
      const run = tampered(broadcastBy(identityOf(dealer), 3, flip(at)));
      expectConviction(run, dealer, 'reshare.r3.share');
      for (const [party, failure] of failuresOf(run)) {
        if (party === dealer) continue;
        expect(failure.evidence).toHaveLength(4 + 2 + 1);
        expect(judgeEvidence(start, failure.evidence)).toEqual({
          accused: dealer,
          check: 'reshare.r3.share',
        });
      }
    });

    test('a first message that the dealer did not have in its view convicts nobody', () => {
      const run = tampered(broadcastBy(cheater, 3, flip(share(1))));
      const evidence = failuresOf(run).get(2)?.evidence ?? [];
      const replaced = evidence.map((frame) => {
        const { from, round } = parseFrame(frame) ?? {};
        return from === 4 && round === 1 ? resigned(frame, identityOf(4), flip(0)) : frame;
      });
      expect(judgeEvidence(start, evidence)?.accused).toBe(3);
      expect(judgeEvidence(start, replaced)).toBeUndefined();
    });

    test('what a victim publishes opens no share of another dealer, whose E the cheater copied', () => {
      const [dealer, victim] = [1, 4];
      const roles = reshareRoles(start);
      const payloadIn = ({ sent }: ReshareRun, round: number, party: number) => {
        const frames = sent.map(({ frame }) => parseFrame(frame));
        return frames.find((it) => it?.from === party && it.round === round)?.payload ?? Buffer.alloc(0);
      };
      const shareIn = (payload: Buffer, from: number) => {
        const share = parseShares(roles, payload, from)?.get(victim);
        if (!share) throw new Error('a dealing');
        return share;
      };
      const known = runSessions(reshareSessions(key, plan)); // the same bytes again, so that the order does not matter
      const { ephemeralKey, ciphertext } = shareIn(payloadIn(known, 3, dealer), dealer);
      const copied = Buffer.concat([ephemeralKey, Buffer.alloc(32, 7)]);
      const run = tampered(broadcastBy(cheater, 3, set(32 + P + 32, copied))); // behind the share of party 2
      expect(shareIn(payloadIn(run, 3, dealer), dealer)).toEqual({ ephemeralKey, ciphertext });
      expect(failuresOf(run).get(victim)).toMatchObject({
        check: 'reshare.r3.share',
        accused: cheater.index,
      });
      const complaint = parseComplaint(group, payloadIn(run, 4, victim));
      const opening = parseOpening(roles, payloadIn(run, 2, dealer));
      if (!complaint || !opening) throw new Error('a complaint and an opening');
      const ssid = payloadIn(run, 2, dealer).subarray(0, 32);
      const keystream = H('dkg/enc', ssid, dealer, victim, ephemeralKey, complaint.sharedPoint);
      const share = keystream.map((byte, k) => byte ^ ciphertext.readUInt8(k));
      expect(shareMatches(group, share, opening.commitments, victim)).toBe(false);
    });

    test('an unfounded complaint convicts the complainer', () => {
      const run = tampered(complaintWithoutProof(cheater, 1, otherPoint));
      expectConviction(run, 3, 'reshare.r4.unfounded-complaint');
      const evidence = failuresOf(run).get(1)?.evidence ?? [];
      expect(judgeEvidence(start, evidence)).toEqual({ accused: 3, check: 'reshare.r4.unfounded-complaint' });
    });

    test.each([
      ['of a dealer that receives nothing', 1, 2],
      ['about a party that deals nothing', 3, 4],
      ['about itself', 3, 3],
    ])('a complaint %s convicts the complainer', (_, complainer, accused) => {
      const run = tampered(complaintWithoutProof(identityOf(complainer), accused, otherPoint));
      expectConviction(run, complainer, 'reshare.r4.form');
    });
  });

  test('a pending share is left by no party before all shares were verified', () => {
    const run = tampered(broadcastBy(cheater, 3, flip(32 + P)));
    expect(run.pending.has(2)).toBe(false);
    expect(run.outcomes.get(2)?.kind).toBe('failure');
    const confirmed = run.sent.filter(({ frame, from }) => from === 2 && parseFrame(frame)?.round === 4);
    expect(confirmed.every(({ frame }) => parseFrame(frame)?.payload[0] === 1)).toBe(true);
  });
});
