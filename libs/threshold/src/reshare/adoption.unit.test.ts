import {
  type Certificate,
  verifyCertificate,
  verifyReshareCertificate,
  contradicts,
  winningCertificate,
} from '../certificate/certificate';
import { type ReshareCertificate, reshareConfirmation } from '../certificate/reshare-certificate';
import { InvalidInput } from '../errors';
import { type Point } from '../group/point';
import { scalarToBytes } from '../group/scalar';
import { BROADCAST, encodeFrame, FRAME_TYPES, parseFrame, SIGNATURE_BYTES } from '../session/frame';
import { provesEquivocation } from '../session/equivocation';
import { keyIdOf } from '../session/session-id';
import { interpolatePoints } from '../sharing/polynomial';
import { groupOf } from '../suite';
import {
  failuresOf,
  generateSchnorrKey,
  resigned,
  resultsOf,
  type Run,
  runSessions,
  type Tamper,
} from '../testing/ceremony-network';
import { interpolatedKey } from '../testing/interpolated-key';
import { reshare, type ResharePlan, reshareSessions } from '../testing/reshare-network';
import { broadcastBy, flip } from '../testing/tampering';
import { identityOf } from '../testing/trusted-dealer';
import { activateReshare, type PendingReshare, type Reshared } from './pending-reshare';

type ReshareRun = Run<Reshared, PendingReshare>;

const group = groupOf(3);
const key = generateSchnorrKey(2, 3);
const plan: ResharePlan = { dealers: [1, 2], threshold: 2, receivers: [2, 3, 4] };
const members = [1, 2, 3, 4];
const genesis = certificateOf(key.get(1));

function certificateOf(holder: { readonly certificate: Certificate } | undefined): Certificate {
  if (!holder) throw new Error('a certificate');
  return holder.certificate;
}

function reshareCertificateOf(run: ReshareRun, party: number): ReshareCertificate {
  const outcome = run.outcomes.get(party);
  if (outcome?.kind !== 'result') throw new Error(`party ${party} has no certificate`);
  return outcome.value.certificate;
}

function pendingOf(run: ReshareRun, party: number): PendingReshare {
  const pending = run.pending.get(party);
  if (!pending) throw new Error(`party ${party} has nothing pending`);
  return pending;
}

const attempt = (epoch?: number, tamper?: Tamper) =>
  runSessions(reshareSessions(key, { ...plan, ...(epoch && { epoch }) }, `attempt ${epoch}`), tamper);
const isResult = (frame: Buffer) => parseFrame(frame)?.round === 4;
const complete = attempt();
const certificate = reshareCertificateOf(complete, 2);

describe('adoption of a new epoch (13)', () => {
  test('all of O and N have the same certificate, and only N has shares', () => {
    const results = resultsOf(complete);
    for (const [party, { certificate: own, share }] of results) {
      expect(own).toEqual(certificate);
      expect(share?.index).toBe(party === 1 ? undefined : party);
    }
    expect([...certificate.signatures.keys()]).toEqual(members);
    expect(certificate.dealers).toEqual([1, 2]);
  });

  test("n'-1 confirmations, then a crash: the old epoch stays for all but who has the certificate", () => {
    const run = attempt(undefined, (frame, from) => (from === 4 && isResult(frame) ? [] : [frame]));
    expect([...run.outcomes.keys()]).toEqual([4]);
    expect([...run.pending.keys()].sort()).toEqual(members);
  });

  test('the certificate is forwarded later: who was offline at adoption activates the same share', () => {
    const run = attempt(undefined, (frame, from) => (from === 4 && isResult(frame) ? [] : [frame]));
    const forwarded = reshareCertificateOf(run, 4);
    const shares = [2, 3].map((party) => activateReshare(pendingOf(run, party), forwarded).share);
    const [second, third] = shares;
    if (!second || !third) throw new Error('both are in N');
    expect(interpolatedKey([second, third])).toBe(second.publicKey.toString('hex'));
    expect(second).toEqual(resultsOf(complete).get(2)?.share);
    expect(activateReshare(pendingOf(run, 1), forwarded)).toEqual({ certificate: forwarded });
  });

  const noProof = Buffer.concat([
    Buffer.from([1, 0, 2]),
    Buffer.alloc(32),
    ...Array<Point>(3).fill(group.multiplyBase(scalarToBytes(5n))),
    Buffer.alloc(32, 1),
  ]);
  test.each<[string, (payload: Buffer) => Buffer]>([
    ['COMPLAIN', () => noProof],
    ['abort', () => Buffer.from([2, 0, 0, 4])],
    ['another OK', flip(3)],
  ])(
    'OK to some and %s to others: everyone ends in the new epoch, and the two frames convict',
    (_, change) => {
      const cheater = identityOf(3);
      const run = attempt(undefined, broadcastBy(cheater, 4, change, 2));
      expect(failuresOf(run).get(2)).toBeDefined();
      const forwarded = reshareCertificateOf(run, 4);
      expect(activateReshare(pendingOf(run, 2), forwarded).share?.epoch).toBe(1);
      const [ok] = run.sent.filter(({ frame, from }) => from === 3 && isResult(frame));
      const other = ok && resigned(ok.frame, cheater, change);
      expect(ok && other && provesEquivocation(ok.frame, other, cheater.identityKey)).toBe(true);
    },
  );

  test('one confirmation per epoch: a failed attempt burns its number', () => {
    const failed = attempt(1, (frame, from) => (from === 4 && isResult(frame) ? [] : [frame]));
    const later = attempt(2);
    const burned = reshareCertificateOf(failed, 4);
    const active = reshareCertificateOf(later, 2);
    for (const party of [1, 2]) {
      expect(() => activateReshare(pendingOf(later, party), burned)).toThrow(InvalidInput);
    }
    expect(winningCertificate(active, burned)).toBe(active);
    expect(winningCertificate(burned, active)).toBe(active);
  });

  test('the certificate of another attempt at the same epoch activates nothing', () => {
    const other = runSessions(reshareSessions(key, plan, 'other randomness'));
    expect(() => activateReshare(pendingOf(complete, 2), reshareCertificateOf(other, 2))).toThrow(
      InvalidInput,
    );
    expect(() => activateReshare(pendingOf(complete, 2), genesis)).toThrow(InvalidInput);
    expect(contradicts(reshareCertificateOf(other, 2), certificate)).toBe(true);
    expect(contradicts(reshareCertificateOf(attempt(2), 2), certificate)).toBe(false); // of another epoch
  });
});

describe('which epoch wins (13)', () => {
  const shares = new Map(
    [...resultsOf(complete)].flatMap(([party, { share }]) => (share ? [[party, share] as const] : [])),
  );
  const third = certificateOf(
    reshare(shares, { dealers: [2, 4], threshold: 3, receivers: [2, 3, 4, 5], epoch: 7 }).get(5),
  );

  test('the highest certified one, whatever epochs a party missed', () => {
    expect(winningCertificate(genesis, certificate)).toBe(certificate);
    expect(winningCertificate(genesis, third)).toBe(third);
    expect(winningCertificate(certificate, third)).toBe(third);
    expect(winningCertificate(third, certificate)).toBe(third);
    expect(winningCertificate(certificate, genesis)).toBe(certificate);
    expect(winningCertificate(third, third)).toBe(third);
  });

  test('also among attempts from one old epoch', () => {
    const later = reshareCertificateOf(attempt(2), 2);
    expect(winningCertificate(certificate, later)).toBe(later);
    expect(winningCertificate(later, certificate)).toBe(later);
    expect(winningCertificate(later, third)).toBe(third);
  });

  test('a pending reshare of one old epoch is not activated by a certificate that follows another', () => {
    expect(verifyReshareCertificate(third, genesis)).toBe(true);
    expect(() => activateReshare({ previous: genesis, epoch: 7 }, third)).toThrow(InvalidInput);
    expect(activateReshare({ previous: certificate, epoch: 7 }, third)).toEqual({ certificate: third });
  });

  test('what is not certified never does', () => {
    const signatures = new Map(certificate.signatures).set(1, Buffer.alloc(64));
    expect(winningCertificate(genesis, { ...certificate, signatures })).toBe(genesis);
    const another = generateSchnorrKey(2, 3, 4);
    const foreign = certificateOf(reshare(another, { ...plan, epoch: 9 }).get(2));
    expect(winningCertificate(certificate, foreign)).toBe(certificate);
  });

  test('an epoch between, that was never confirmed, breaks the chain', () => {
    if (!third.previous?.previous) throw new Error('two reshares');
    const signatures = new Map(third.previous.signatures).set(3, Buffer.alloc(64));
    const broken = { ...third, previous: { ...third.previous, signatures } };
    expect(verifyReshareCertificate(broken, genesis)).toBe(false);
    expect(verifyCertificate(broken, third.identities)).toBe(false);
    expect(verifyCertificate(third, third.identities)).toBe(true);
    // who trusts the epoch between by itself needs nothing from the chain
    expect(verifyReshareCertificate(broken, certificate)).toBe(true);
  });
});

describe('a certificate of a reshare is refused (13)', () => {
  /** The certificate that these signers can make about whatever they like. */
  function forge(
    change: Partial<ReshareCertificate>,
    signers: readonly number[] = members,
    signerOf = identityOf,
  ): ReshareCertificate {
    const facts = { ...certificate, ...change };
    const payload = reshareConfirmation({ ...facts, oldEpoch: facts.previous.epoch });
    const signatures = new Map(
      signers.map((from) => {
        const { suite, epoch, sid } = facts;
        const keyId = keyIdOf(genesis.publicKey);
        const header = { suite, type: FRAME_TYPES.reshare, round: 4, keyId, epoch, sid, from, to: BROADCAST };
        const frame = encodeFrame(header, payload, signerOf(from).sign);
        return [from, Buffer.from(frame.subarray(-SIGNATURE_BYTES))] as const;
      }),
    );
    return { ...facts, signatures };
  }
  const without = <T>(map: ReadonlyMap<number, T>, party: number) =>
    new Map([...map].filter(([index]) => index !== party));

  /** Public shares of N that interpolate to pk, invented by two nodes without any share. */
  const invented = () => {
    const shares = new Map<number, Point>([
      [0, certificate.publicKey],
      [7, group.multiplyBase(scalarToBytes(99n))],
    ]);
    const eighth = interpolatePoints(group, shares, 8);
    if (!eighth) throw new Error('a point');
    return new Map([
      [7, shares.get(7) ?? eighth],
      [8, eighth],
    ]);
  };
  const strangers = new Map([7, 8].map((index) => [index, Buffer.from(identityOf(index).identityKey)]));
  const shifted = (party: number) => {
    const point = certificate.publicShares.get(party);
    const moved = point && group.addPoints(point, group.multiplyBase(scalarToBytes(1n)));
    if (!moved) throw new Error('a point');
    return new Map(certificate.publicShares).set(party, moved);
  };

  test('but one that all of O and N signed is not', () => {
    expect(verifyReshareCertificate(forge({}), genesis)).toBe(true);
    expect(forge({})).toEqual(certificate);
  });

  test.each<[string, () => ReshareCertificate]>([
    [
      'signed by N alone, two nodes without any share',
      () => forge({ identities: strangers, publicShares: invented(), dealers: [] }, [7, 8]),
    ],
    [
      'signed by N alone, which names a committee that did not sign',
      () => forge({ identities: strangers, publicShares: invented() }, [7, 8]),
    ],
    [
      'signed by N alone, which calls itself the committee',
      () => forge({ identities: strangers, publicShares: invented(), dealers: [7, 8] }, [7, 8]),
    ],
    [
      'signed by fewer than t_old of O',
      () => forge({ identities: strangers, publicShares: invented(), dealers: [1] }, [1, 7, 8]),
    ],
    [
      'by one member of O counted twice',
      () => forge({ identities: strangers, publicShares: invented(), dealers: [1, 1] }, [1, 7, 8]),
    ],
    ['by a committee that is not ascending', () => forge({ dealers: [2, 1] })],
    ['without the signature of a member of O', () => forge({}, [2, 3, 4])],
    ['without the signature of a member of N', () => forge({}, [1, 2, 3])],
    ['with the signature of a stranger besides', () => forge({}, [...members, 9])],
    ["with P' off the polynomial", () => forge({ publicShares: shifted(4) })],
    ["with P' of another key", () => forge({ publicKey: group.multiplyBase(scalarToBytes(3n)) })],
    [
      'of another key, whose shares fit together',
      () => {
        const point = (x: number) => group.multiplyBase(scalarToBytes(BigInt(3 + 5 * x)));
        const publicShares = new Map([2, 3, 4].map((m) => [m, point(m)]));
        return forge({ publicKey: point(0), publicShares });
      },
    ],
    [
      "with t' = 1, and the key as every share",
      () => {
        const publicShares = new Map([2, 3, 4].map((m) => [m, certificate.publicKey]));
        return forge({ threshold: 1, publicShares });
      },
    ],
    ["with too few P'", () => forge({ publicShares: without(certificate.publicShares, 4) })],
    ["with t' = 1", () => forge({ threshold: 1 })],
    ["with t' above n'", () => forge({ threshold: 4 })],
    ['with another chain code', () => forge({ chainCode: Buffer.alloc(32) })],
    ['of the same epoch', () => forge({ epoch: 0 })],
    ['of another suite', () => forge({ suite: 4 })],
    [
      'with an identity key that belongs to another index',
      () => {
        const holder = (index: number) => identityOf(index === 4 ? 2 : index);
        const identities = new Map(certificate.identities);
        return forge({ identities: identities.set(4, Buffer.from(holder(4).identityKey)) }, members, holder);
      },
    ],
    [
      'with an index that belonged to another identity key',
      () => {
        const holder = (index: number) => identityOf(index === 3 ? 9 : index);
        const identities = new Map(certificate.identities);
        return forge({ identities: identities.set(3, Buffer.from(holder(3).identityKey)) }, members, holder);
      },
    ],
  ])('%s', (_, forged) => {
    const shown = forged();
    expect(verifyReshareCertificate(shown, genesis)).toBe(false);
    expect(verifyCertificate(shown, shown.identities)).toBe(false);
    expect(winningCertificate(genesis, shown)).toBe(genesis);
    expect(() => activateReshare(pendingOf(complete, 2), shown)).toThrow(InvalidInput);
  });

  test.each<[string, Partial<ReshareCertificate>]>([
    ['sid', { sid: Buffer.alloc(32) }],
    ['sid of another length', { sid: Buffer.alloc(0) }],
    ['ssid', { ssid: Buffer.alloc(32) }],
    ['transcript', { transcript: Buffer.alloc(32) }],
    ['epoch', { epoch: 2 }],
    ['threshold', { threshold: 3 }],
    ['committee', { dealers: [1, 3] }],
    ['old epoch', { previous: { ...genesis, epoch: 1 } }],
  ])('when its %s is not what was signed', (_, change) => {
    const changed = { ...certificate, ...change };
    expect(verifyCertificate(changed, certificate.identities)).toBe(false);
    expect(verifyReshareCertificate(changed, genesis)).toBe(false);
  });

  test('by who trusts no ancestor of it', () => {
    const other = certificateOf(generateSchnorrKey(3, 3).get(1));
    expect(verifyReshareCertificate(certificate, other)).toBe(false);
    expect(verifyReshareCertificate(genesis, genesis)).toBe(false);
    expect(verifyCertificate(certificate, genesis.identities)).toBe(false);
  });
});
