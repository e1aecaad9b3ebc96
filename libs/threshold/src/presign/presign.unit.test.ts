import { createHash } from 'node:crypto';
import { runSessions } from '../testing/ceremony-network';
import { type Payload, runPlain, type Tamper } from '../testing/plain-ceremony';
import { presign, presignSessions, presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey, identityOf } from '../testing/trusted-dealer';
import { InvalidInput, ProtocolFailure } from '../errors';
import { type KeyShare } from '../keygen/key-share';
import { createPairJudge } from './pair-judge';
import { multiplyBase, multiplyPublic } from '../group/point';
import { createPresignSession } from './presign';
import { encodePresignatureBatch, type PresignatureBatch } from './presignature';
import { mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { type SuiteId } from '../suite';

const ATILDE_BYTES = 752 * 96;
const GAMMA_AT = ATILDE_BYTES + 64;

const twoOfThree = dealKey(2, 3, seededRandom('2-of-3'));

function total(batches: ReadonlyMap<number, PresignatureBatch>, p: number, field: 'phi' | 'u' | 'v'): bigint {
  let sum = 0n;
  for (const { presignatures } of batches.values()) {
    sum += scalarFromBytes(presignatures[p]?.[field] ?? Buffer.alloc(0));
  }
  return mod(sum);
}

/** The equations of section 7, through the nonce point: sum v = x*phi, and (sum u)*G = phi*R. */
function expectConsistent(batches: ReadonlyMap<number, PresignatureBatch>, secretKey: bigint): void {
  const [first, ...others] = [...batches.values()];
  if (!first) throw new RangeError('no batch');
  for (const other of others) {
    expect(other.h2).toEqual(first.h2);
    expect(other.presignatures.map(({ R }) => R)).toEqual(first.presignatures.map(({ R }) => R));
  }
  first.presignatures.forEach(({ R }, p) => {
    const phi = total(batches, p, 'phi');
    expect(total(batches, p, 'v')).toBe(mod(secretKey * phi));
    expect(multiplyPublic(R, phi)).toEqual(multiplyBase(total(batches, p, 'u')));
  });
}

describe('presigning (section 7)', () => {
  it.each([
    ['2-of-3, B=1', 2, 3, [1, 2], 1, 1],
    ['2-of-3, B=2', 2, 3, [1, 3], 2, 1],
    ['2-of-3, B=15', 2, 3, [2, 3], 15, 1],
    ['all of 2-of-3', 2, 3, [1, 2, 3], 2, 1],
    ['3-of-4', 3, 4, [4, 1, 2], 1, 1],
    ['suite 2', 2, 2, [1, 2], 2, 2],
  ] as const)('%s: sum u = k*phi, sum v = x*phi', (_name, t, n, committee, batch, suite) => {
    const { secretKey, shares } = dealKey(t, n, seededRandom('key'), { suite: suite satisfies SuiteId });
    const batches = presign(shares, [...committee], batch, 'run');
    expect(batches.get(committee[0])?.presignatures).toHaveLength(batch);
    expectConsistent(batches, secretKey);
  });

  it('B=64, the largest batch', () => {
    const { batches, failures } = runPlain(twoOfThree.shares, presignStart(twoOfThree.shares, [1, 2], 64));
    expect(failures.size).toBe(0);
    expectConsistent(batches, twoOfThree.secretKey);
  });

  it('payload lengths of section 14', () => {
    const { sent } = runPlain(twoOfThree.shares, presignStart(twoOfThree.shares, [1, 2], 1));
    const lengths = sent.filter(({ from }) => from === 1).map(({ bytes }) => bytes.length);
    expect(lengths).toEqual([96, 16_404, 32 + 33 + 32 + 33, 72_322, 32, 32]);
  });

  it('known answer: one full batch with fixed randomness', () => {
    const batches = presign(twoOfThree.shares, [1, 2], 2, 'known answer');
    const digests = [...batches.values()].map((batch) =>
      createHash('sha256').update(encodePresignatureBatch(batch)).digest('hex'),
    );
    expect(digests).toMatchInlineSnapshot(`
     [
       "f0621074250ecc39a9d1366a6183f03898d0767724d77caee6743736e0a5ad8e",
       "cd2f7635592254646b4a5f3c369001e9ca64d636ff72bff3a352151840075daf",
     ]
    `);
  });

  it('a replayed sid with new nonces gives independent presignatures', () => {
    const [first, second] = ['one', 'two'].map((seed) => presign(twoOfThree.shares, [1, 2], 1, seed).get(1));
    expect(first?.sid).toEqual(second?.sid);
    expect(first?.h2).not.toEqual(second?.h2);
    expect(first?.presignatures[0]?.R).not.toEqual(second?.presignatures[0]?.R);
  });

  it('hedging: under a repeated generator the nonce still depends on the share', () => {
    const start = presignStart(twoOfThree.shares, [1, 2], 1);
    const nonceOf = (shares: ReadonlyMap<number, KeyShare>) => {
      const { sent } = runPlain(shares, start, { seed: 'rolled back' });
      const opening = sent.find((it) => it.from === 1 && it.round === 2 && it.kind === 'broadcast');
      return opening?.bytes.toString('hex', 32, 65);
    };
    const share = twoOfThree.shares.get(1);
    if (!share) throw new RangeError('no share');
    const other = new Map(twoOfThree.shares).set(1, { ...share, share: scalarToBytes(99n) });
    expect(nonceOf(twoOfThree.shares)).toBe(nonceOf(twoOfThree.shares));
    expect(nonceOf(other)).not.toBe(nonceOf(twoOfThree.shares));
  });
});

type Expected = [failureClass: string, check: string, accused?: number];
const at = (round: number, kind: Payload['kind'], change: (bytes: Buffer) => void): Tamper => {
  return (payload) => {
    if (payload.from === 2 && payload.to === 1 && payload.round === round && payload.kind === kind) {
      change(payload.bytes);
    }
  };
};
const flip = (position: number) => (bytes: Buffer) => {
  bytes[position] = (bytes[position] ?? 0) ^ 1;
};
const put = (position: number, part: Buffer) => (bytes: Buffer) => bytes.set(part, position);
const otherPoint = multiplyBase(7n);
const offCurve = Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]);
const hybrid = Buffer.concat([Buffer.of(6), otherPoint.subarray(1)]);

describe('presign: what a peer alters (section 16)', () => {
  const start = presignStart(twoOfThree.shares, [1, 2], 1);
  const cases: [string, Tamper, Expected][] = [
    ['another pair counter', at(1, 'direct', flip(3)), ['CONFIG', 'presign.r1.pe', 2]],
    ['u bit flipped', at(1, 'direct', flip(40)), ['BAN', 'presign.r1.ote', 2]],
    ['com sent differently', at(1, 'broadcast', flip(70)), ['AGREE', 'presign.r2.h1']],
    ['nonce sent differently', at(1, 'broadcast', flip(0)), ['BAN', 'presign.r1.ote', 2]],
    ['h1', at(2, 'broadcast', flip(0)), ['AGREE', 'presign.r2.h1']],
    ['R opened differently', at(2, 'broadcast', put(32, otherPoint)), ['IDENT', 'presign.r2.com', 2]],
    ['salt', at(2, 'broadcast', flip(65)), ['IDENT', 'presign.r2.com', 2]],
    ['R off the curve', at(2, 'broadcast', put(32, offCurve)), ['IDENT', 'presign.r2.point', 2]],
    ['R with prefix 06', at(2, 'broadcast', put(32, hybrid)), ['IDENT', 'presign.r2.point', 2]],
    ['R of zeros', at(2, 'broadcast', put(32, Buffer.alloc(33))), ['IDENT', 'presign.r2.point', 2]],
    ['pk_j off the curve', at(2, 'broadcast', put(97, offCurve)), ['IDENT', 'presign.r2.point', 2]],
    ['pk_j', at(2, 'broadcast', put(97, otherPoint)), ['BAN', 'presign.r2.gamma-v', 2]],
    ['atilde', at(2, 'direct', (b) => shiftColumn(b)), ['BAN', 'presign.r2.rvole', 2]],
    ['atilde >= q', at(2, 'direct', put(64, Buffer.alloc(32, 0xff))), ['IDENT-P', 'presign.r2.format', 2]],
    ['eta', at(2, 'direct', flip(ATILDE_BYTES + 31)), ['BAN', 'presign.r2.rvole', 2]],
    ['mu', at(2, 'direct', flip(ATILDE_BYTES + 32)), ['BAN', 'presign.r2.rvole', 2]],
    ['Gamma_u', at(2, 'direct', put(GAMMA_AT, otherPoint)), ['BAN', 'presign.r2.gamma-u', 2]],
    ['Gamma_v', at(2, 'direct', put(GAMMA_AT + 33, otherPoint)), ['BAN', 'presign.r2.gamma-v', 2]],
    ['Gamma_u off the curve', at(2, 'direct', put(GAMMA_AT, offCurve)), ['IDENT-P', 'presign.r2.format', 2]],
    ['h2', at(3, 'broadcast', flip(0)), ['AGREE', 'presign.r3.h2']],
    ['psi >= q', at(3, 'direct', put(0, Buffer.alloc(32, 0xff))), ['IDENT-P', 'presign.r3.format', 2]],
  ];

  it.each(cases)('%s', (_name, tamper, [failureClass, check, accused]) => {
    const { failures, batches, sent } = runPlain(twoOfThree.shares, start, { tamper });
    expect(failures.get(1)).toMatchObject({ failureClass, check, accused });
    expect(batches.has(1)).toBe(false);
    const isBeforePsi = !check.startsWith('presign.r3');
    if (isBeforePsi) expect(sent.filter(({ from, round }) => from === 1 && round === 3)).toEqual([]);
  });

  it('no psi leaves before all checks of all peers passed', () => {
    const tamper: Tamper = ({ round, kind, from, to, bytes }) => {
      if (round === 2 && kind === 'direct' && from === 3 && to === 1) flip(ATILDE_BYTES + 31)(bytes);
    };
    const all = presignStart(twoOfThree.shares, [1, 2, 3], 1);
    const { failures, sent, batches } = runPlain(twoOfThree.shares, all, { tamper });
    expect(failures.get(1)).toMatchObject({ failureClass: 'BAN', accused: 3 });
    expect(sent.filter(({ from, round }) => from === 1 && round === 3)).toEqual([]);
    expect(batches.size).toBe(0);
  });

  it('presignature indices swapped inside a batch -> 6.4', () => {
    const tamper = at(2, 'direct', (bytes) => {
      const half = bytes.length / 2;
      const first = Buffer.from(bytes.subarray(0, half));
      bytes.copyWithin(0, half);
      bytes.set(first, half);
    });
    const { failures } = runPlain(twoOfThree.shares, presignStart(twoOfThree.shares, [1, 2], 2), { tamper });
    expect(failures.get(1)).toMatchObject({ failureClass: 'BAN', check: 'presign.r2.rvole' });
  });

  it('messages of another session: R1 -> 5.4, R2 -> AGREE, with this h1 -> com, RVOLE part alone -> 6.4', () => {
    const elsewhere = new Map<string, Buffer>();
    runPlain(
      twoOfThree.shares,
      { ...start, rnd: Buffer.alloc(32, 8) },
      {
        seed: 'elsewhere',
        tamper: ({ round, kind, from, bytes }) => {
          if (from === 2) elsewhere.set(`${round} ${kind}`, Buffer.from(bytes));
        },
      },
    );
    const replay = (round: number, kind: Payload['kind'], from = 0) =>
      runPlain(twoOfThree.shares, start, {
        tamper: at(round, kind, (bytes) => {
          bytes.set(elsewhere.get(`${round} ${kind}`)?.subarray(from) ?? Buffer.alloc(0), from);
        }),
      }).failures.get(1);
    expect(replay(1, 'direct')).toMatchObject({ failureClass: 'BAN', check: 'presign.r1.ote' });
    expect(replay(2, 'broadcast')).toMatchObject({ failureClass: 'AGREE', check: 'presign.r2.h1' });
    expect(replay(2, 'broadcast', 32)).toMatchObject({ failureClass: 'IDENT', check: 'presign.r2.com' });
    expect(replay(2, 'direct')).toMatchObject({ failureClass: 'BAN', check: 'presign.r2.rvole' });
  });
});

function shiftColumn(bytes: Buffer): void {
  for (let row = 0; row < ATILDE_BYTES; row += 96) flip(row)(bytes);
}

describe('presign: shares that do not belong together (section 16)', () => {
  const start = presignStart(twoOfThree.shares, [1, 2], 1);
  const withShare = (index: number, change: (share: KeyShare) => KeyShare) => {
    const share = twoOfThree.shares.get(index);
    if (!share) throw new RangeError('no share');
    return new Map(twoOfThree.shares).set(index, change(share));
  };

  it('a share of an old epoch -> sum pk_j', () => {
    const old = withShare(2, (share) => ({ ...share, share: scalarToBytes(12345n) }));
    const { failures } = runPlain(old, start);
    expect(failures.get(1)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'presign.r2.pk' });
  });

  it('zero-share seed mismatch between two parties -> sum pk_j', () => {
    const mismatched = withShare(2, (share) => {
      const pair = share.pairs.get(1);
      if (!pair) throw new RangeError('no pair');
      return { ...share, pairs: new Map(share.pairs).set(1, { ...pair, zeroSeed: Buffer.alloc(32, 7) }) };
    });
    const { failures } = runPlain(mismatched, start);
    expect(failures.get(1)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'presign.r2.pk' });
  });

  it('too few parties for t -> sum pk_j', () => {
    const { shares } = dealKey(3, 3, seededRandom('3-of-3'));
    const claimed = new Map([...shares].map(([index, share]) => [index, { ...share, threshold: 2 }]));
    const { failures } = runPlain(claimed, presignStart(claimed, [1, 2], 1));
    expect(failures.get(1)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'presign.r2.pk' });
  });

  it('a start that does not fit the key is refused before anything happens', () => {
    const share = twoOfThree.shares.get(1);
    if (!share) throw new RangeError('no share');
    const judge = createPairJudge(new Set(), () => undefined);
    const common = { index: 1, keyShare: share, judge, sign: identityOf(1).sign, random: seededRandom('x') };
    const [own, other] = start.participants;
    if (!own || !other) throw new RangeError('no participants');
    const wrong = [
      { epoch: 1 },
      { threshold: 3 },
      { suite: 2 },
      { batch: 0 },
      { batch: 65 },
      { keyId: Buffer.alloc(32) },
      { participants: [own] },
      { participants: [own, { ...other, index: 9 }] },
      { participants: [own, { ...other, identityKey: identityOf(5).identityKey }] },
    ] as const;
    for (const change of wrong) {
      expect(() => createPresignSession({ ...common, start: { ...start, ...change } })).toThrow(InvalidInput);
    }
  });
});

describe('presign sessions over frames (section 2)', () => {
  it('duplicated, reordered and foreign frames change nothing', () => {
    const held: Buffer[] = [];
    const batches = presign(twoOfThree.shares, [1, 2, 3], 1, 'frames', (frame) => {
      held.push(frame);
      return [Buffer.from('junk'), ...held.slice(-3).reverse(), frame];
    });
    expectConsistent(batches, twoOfThree.secretKey);
  });

  it('a lost frame leaves no presignature that could be used: its receiver has none', () => {
    for (let lost = 0; lost < 12; lost++) {
      let sent = 0;
      const sessions = presignSessions(twoOfThree.shares, [1, 2], 1, 'lost');
      const { outcomes } = runSessions(sessions, (frame) => (sent++ === lost ? [] : [frame]));
      expect(outcomes.size).toBeLessThan(2);
      expect(sent).toBeGreaterThan(lost);
    }
  });

  it('an encrypted payload that fails authentication -> IDENT-P', () => {
    const sessions = presignSessions(twoOfThree.shares, [1, 2], 1, 'aead');
    const { outcomes } = runSessions(sessions, (frame, from, to) => {
      const isRound2Direct = from === 2 && to === 1 && frame[3] === 2 && frame.readUInt16BE(74) === 1;
      if (!isRound2Direct) return [frame];
      const altered = Buffer.from(frame.subarray(0, -64));
      flip(100)(altered);
      return [
        Buffer.concat([altered, identityOf(2).sign(Buffer.concat([Buffer.from('dkls23/1/frame'), altered]))]),
      ];
    });
    expect(outcomes.get(1)).toMatchObject({
      kind: 'failure',
      failure: { failureClass: 'IDENT-P', check: 'session.aead', accused: 2 },
    });
  });

  it('secrets are wiped when the session ends', () => {
    const drawn: Buffer[] = [];
    const random = seededRandom('wipe');
    const sessions = presignSessions(twoOfThree.shares, [1, 2], 1, 'wipe', () => ({
      random: (bytes) => {
        const fresh = random(bytes);
        drawn.push(fresh);
        return fresh;
      },
    }));
    runSessions(sessions);
    const isBeta = (bytes: Buffer) => bytes.length === (768 + 128) / 8;
    expect(drawn.filter(isBeta)).toHaveLength(2);
    for (const beta of drawn.filter(isBeta)) expect(beta.every((byte) => byte === 0)).toBe(true);
  });
});

describe('one verdict per pair (section 5.7)', () => {
  it('16 concurrent bad R1 yield one verdict, and the pair answers nobody afterwards', () => {
    const dead = new Set<number>();
    const verdicts: number[] = [];
    const judge = createPairJudge(dead, (peer) => verdicts.push(peer));
    const failures = Array.from({ length: 16 }, (_, session) => {
      const start = { ...presignStart(twoOfThree.shares, [1, 2], 1), rnd: Buffer.alloc(32, session) };
      const tamper = at(1, 'direct', flip(40 + session));
      return runPlain(twoOfThree.shares, start, {
        tamper,
        judge: (index) => (index === 1 ? judge : (_, check) => check()),
      }).failures.get(1);
    });
    expect(verdicts).toEqual([2]);
    expect(failures.map((failure) => failure?.check)).toEqual([
      'presign.r1.ote',
      ...Array<string>(15).fill('pair-dead'),
    ]);
    const honest = runPlain(twoOfThree.shares, presignStart(twoOfThree.shares, [1, 2], 1), {
      judge: () => judge,
    });
    expect(honest.failures.get(1)).toMatchObject({ failureClass: 'BAN', check: 'pair-dead' });
  });

  it('on BAN the step holds the failure alone', () => {
    const sessions = presignSessions(twoOfThree.shares, [1, 2], 1, 'ban', () => ({
      judge: (peer) => {
        throw new ProtocolFailure('BAN', 'presign.r1.ote', peer);
      },
    }));
    const [first, second] = [sessions.get(1), sessions.get(2)];
    if (!first || !second) throw new RangeError('two sessions');
    first.start();
    const steps = second.start().outgoing.map(({ frame }) => first.receive(frame));
    expect(steps.at(-1)).toMatchObject({
      outgoing: [],
      outcome: { kind: 'failure', failure: { failureClass: 'BAN' } },
    });
  });
});
