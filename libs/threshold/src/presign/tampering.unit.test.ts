/** Presign lines of the test plan (specification section 16) that presign.unit.test.ts does not have. */
import { multiplyBase, negatePoint, parsePoint, type Point } from '../group/point';
import { Q, scalarFromBytes, scalarToBytes, mod } from '../group/scalar';
import { parseFrame } from '../session/frame';
import { provesEquivocation } from '../session/equivocation';
import { sessionId } from '../session/session-id';
import { resigned, runSessions } from '../testing/ceremony-network';
import { runPlain, type Tamper } from '../testing/plain-ceremony';
import { presignSessions, presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { copyPresignatures, requestFor, signWith } from '../testing/signing-harness';
import { alter, flipBit, INVALID_POINTS, overwrite, sumOf } from '../testing/tamper';
import { dealKey, identityOf } from '../testing/trusted-dealer';
import { createPairJudge } from './pair-judge';
import { round1Digest } from './context';
import { parseRound1Broadcast } from './payloads';
import { createPresignSession } from './presign';

const { secretKey, shares } = dealKey(2, 3, seededRandom('2-of-3'));
const ATILDE = 752 * 96;
const PART = ATILDE + 64 + 66;
const start = presignStart(shares, [1, 2], 2);
const run = (tamper: Tamper) => runPlain(shares, start, { tamper });
const from2 = (round: number, kind: 'broadcast' | 'direct') => ({ from: 2, to: 1, round, kind }) as const;
const order = Buffer.from(Q.toString(16), 'hex');
const asHeader = (frame: Buffer) => parseFrame(frame) ?? fail('no frame');

function fail(message: string): never {
  throw new Error(message);
}

describe('invalid points, wherever one is parsed (section 16: point check)', () => {
  const places = [
    ['R_j^0', from2(2, 'broadcast'), 32, 'IDENT', 'presign.r2.point'],
    ['R_j^1', from2(2, 'broadcast'), 65, 'IDENT', 'presign.r2.point'],
    ['pk_j', from2(2, 'broadcast'), 130, 'IDENT', 'presign.r2.point'],
    ['Gamma_u of the first', from2(2, 'direct'), ATILDE + 64, 'IDENT-P', 'presign.r2.format'],
    ['Gamma_v of the last', from2(2, 'direct'), PART + ATILDE + 64 + 33, 'IDENT-P', 'presign.r2.format'],
  ] as const;

  it.each(INVALID_POINTS)('%s', (_name, bytes) => {
    for (const [place, which, position, failureClass, check] of places) {
      const { failures, batches } = run(alter(which, overwrite(position, bytes)));
      expect([place, failures.get(1)]).toMatchObject([place, { failureClass, check, accused: 2 }]);
      expect(batches.has(1)).toBe(false);
    }
  });
});

describe('scalars that are not canonical (section 16)', () => {
  it('eta >= q -> IDENT-P', () => {
    const { failures } = run(alter(from2(2, 'direct'), overwrite(ATILDE, order)));
    expect(failures.get(1)).toMatchObject({
      failureClass: 'IDENT-P',
      check: 'presign.r2.format',
      accused: 2,
    });
  });

  it.each([0, 3 * 32, ATILDE - 32])(
    'atilde entry at byte %i = q in the second presignature -> IDENT-P',
    (at) => {
      const { failures } = run(alter(from2(2, 'direct'), overwrite(PART + at, Buffer.from(order).reverse())));
      expect(failures.get(1)).toMatchObject({
        failureClass: 'IDENT-P',
        check: 'presign.r2.format',
        accused: 2,
      });
    },
  );

  it('psi = q in the second presignature -> IDENT-P, and no presignature of the batch remains', () => {
    const { failures, batches } = run(alter(from2(3, 'direct'), overwrite(32, order)));
    expect(failures.get(1)).toMatchObject({
      failureClass: 'IDENT-P',
      check: 'presign.r3.format',
      accused: 2,
    });
    expect(batches.has(1)).toBe(false);
  });
});

describe('presign checks in the middle of a batch (section 16)', () => {
  it('xt altered -> 5.4 BAN; tt altered -> 5.4 BAN', () => {
    const u = 128 * (Math.ceil((2 * 752) / 128) + 1) * 16;
    for (const at of [4 + u, 4 + u + 16, 4 + u + 16 + 2047]) {
      const { failures } = run(alter(from2(1, 'direct'), flipBit(at)));
      expect(failures.get(1)).toMatchObject({ failureClass: 'BAN', check: 'presign.r1.ote', accused: 2 });
    }
  });

  it('R_j swapped inside the batch -> com IDENT', () => {
    const swap = (bytes: Buffer) => {
      const first = Buffer.from(bytes.subarray(32, 65));
      bytes.copyWithin(32, 65, 98);
      bytes.set(first, 65);
    };
    const { failures } = run(alter(from2(2, 'broadcast'), swap));
    expect(failures.get(1)).toMatchObject({ failureClass: 'IDENT', check: 'presign.r2.com', accused: 2 });
  });

  it.each([
    ['u', 0],
    ['v', 33],
  ])('Gamma_%s swapped between the presignatures of a batch -> Gamma BAN', (name, offset) => {
    const at = ATILDE + 64 + offset;
    const swap = (bytes: Buffer) => {
      const first = Buffer.from(bytes.subarray(at, at + 33));
      bytes.copyWithin(at, PART + at, PART + at + 33);
      bytes.set(first, PART + at);
    };
    const { failures } = run(alter(from2(2, 'direct'), swap));
    expect(failures.get(1)).toMatchObject({
      failureClass: 'BAN',
      check: `presign.r2.gamma-${name}`,
      accused: 2,
    });
  });

  it('pk_j shifted at one member and shifted back at another, so that their sum is pk -> Gamma_v BAN', () => {
    const shift = multiplyBase(7n);
    const change = (by: Point) => (bytes: Buffer) => {
      const key = parsePoint(bytes.subarray(97)) ?? fail('no point');
      bytes.set(sumOf(key, by), 97);
    };
    const two = alter({ from: 2, to: 1, round: 2, kind: 'broadcast' }, change(shift));
    const three = alter({ from: 3, to: 1, round: 2, kind: 'broadcast' }, change(negatePoint(shift)));
    const { failures } = runPlain(shares, presignStart(shares, [1, 2, 3], 1), {
      tamper: (payload) => {
        two(payload);
        three(payload);
      },
    });
    expect(failures.get(1)).toMatchObject({ failureClass: 'BAN', check: 'presign.r2.gamma-v', accused: 2 });
  });

  it.each([
    ['psi altered', (psi: bigint) => psi + 1n],
    ['psi = 0', () => 0n],
  ])('%s -> final verify, UNATTRIBUTED', (_name, change) => {
    const tamper = alter(from2(3, 'direct'), (bytes) => {
      bytes.set(scalarToBytes(mod(change(scalarFromBytes(bytes.subarray(0, 32))))), 0);
    });
    const { batches, failures } = run(tamper);
    expect(failures.size).toBe(0);
    const request = requestFor(secretKey, [1, 2], Buffer.alloc(32, 5));
    expect(() => signWith(copyPresignatures(batches, 0), request)).toThrow('UNATTRIBUTED: combine.signature');
    expect(signWith(copyPresignatures(batches, 1), request).signature).toHaveLength(64);
  });
});

describe('what binds round 1 (section 16)', () => {
  it('xk changed -> AGREE; and with a digest that fits -> com IDENT', () => {
    const changeKey = alter(from2(1, 'broadcast'), flipBit(40));
    expect(run(changeKey).failures.get(1)).toMatchObject({ failureClass: 'AGREE', check: 'presign.r2.h1' });

    const seen = new Map<number, ReturnType<typeof parseRound1Broadcast>>();
    const { failures } = run((payload) => {
      changeKey(payload);
      const { round, kind, from, to, bytes } = payload;
      if (round === 1 && kind === 'broadcast') seen.set(from, parseRound1Broadcast(bytes));
      if (round === 2 && kind === 'broadcast' && to === 1) {
        const ascending = new Map([...seen].sort(([a], [b]) => a - b));
        bytes.set(round1Digest(sessionId(start), ascending), 0);
      }
    });
    expect(failures.get(1)).toMatchObject({ failureClass: 'IDENT', check: 'presign.r2.com', accused: 2 });
  });

  it('zero X25519 output -> refused, IDENT', () => {
    const { outcomes } = runSessions(presignSessions(shares, [1, 2], 1, 'zero'), (frame, from) => {
      const { round, to } = asHeader(frame);
      const isKey = from === 2 && round === 1 && to === 0xffff;
      return [isKey ? resigned(frame, identityOf(2), (b) => Buffer.from(b.fill(0, 32, 64))) : frame];
    });
    expect(outcomes.get(1)).toMatchObject({
      failure: { failureClass: 'IDENT', check: 'session.xk', accused: 2 },
    });
  });

  it('com sent differently to two parties -> AGREE, and the frames that the parties exchange convict', () => {
    const { outcomes } = runSessions(presignSessions(shares, [1, 2, 3], 1, 'split'), (frame, from, to) => {
      const header = asHeader(frame);
      const isSplit = from === 3 && to === 1 && header.round === 1 && header.to === 0xffff;
      return [isSplit ? resigned(frame, identityOf(3), (b) => Buffer.from(b.fill(1, 64))) : frame];
    });
    const evidence = [1, 2].map((index) => {
      const outcome = outcomes.get(index);
      expect(outcome).toMatchObject({ failure: { failureClass: 'AGREE', check: 'presign.r2.h1' } });
      return outcome?.kind === 'failure' ? outcome.failure.evidence : [];
    });
    const [first, second] = evidence.map((frames) => frames.filter((it) => asHeader(it).from === 3));
    const proofs = (first ?? []).flatMap((a) =>
      (second ?? []).filter((b) => provesEquivocation(a, b, identityOf(3).identityKey)),
    );
    expect(proofs).toHaveLength(1);
  });
});

describe('what the header refuses (section 16)', () => {
  const sessions = () => presignSessions(shares, [1, 2, 3], 1, 'header');
  const frameOf = (round: number, to: number, party = 2) => {
    const { sent } = honest;
    const entry = sent.find(
      ({ frame, from }) => from === party && asHeader(frame).round === round && asHeader(frame).to === to,
    );
    return entry?.frame ?? fail('no such frame');
  };
  const honest = runSessions(sessions());
  const started = (index: number) => {
    const session = sessions().get(index) ?? fail('no session');
    session.start();
    return session;
  };

  it.each([
    ['shorter', (b: Buffer) => b.subarray(0, -1)],
    ['longer', (b: Buffer) => Buffer.concat([b, Buffer.of(0)])],
    ['empty', () => Buffer.alloc(0)],
  ])(
    'u truncated -> length: a direct message that is %s is dropped before any cryptography',
    (_name, change) => {
      for (const to of [1, 0xffff]) {
        const session = started(1);
        const judged = session.receive(resigned(frameOf(1, to), identityOf(2), change));
        expect(judged).toEqual({ outgoing: [], dropped: 'length' });
        expect(session.receive(frameOf(1, to))).toEqual({ outgoing: [] });
      }
    },
  );

  it('message meant for another receiver -> header', () => {
    expect(started(1).receive(frameOf(2, 3))).toEqual({ outgoing: [], dropped: 'recipient' });
  });

  it('message meant for another receiver, signed again for this one -> 5.4 BAN in round 1, AEAD IDENT-P in round 2', () => {
    const outcomeWith = (round: number) =>
      runSessions(sessions(), (frame, from, to) => {
        const header = asHeader(frame);
        const isOurs = from === 2 && to === 1 && header.round === round && header.to === 1;
        const elsewhere = asHeader(frameOf(round, 3)).payload;
        return [isOurs ? resigned(frame, identityOf(2), () => elsewhere) : frame];
      }).outcomes.get(1);
    expect(outcomeWith(1)).toMatchObject({
      failure: { failureClass: 'BAN', check: 'presign.r1.ote', accused: 2 },
    });
    expect(outcomeWith(2)).toMatchObject({
      failure: { failureClass: 'IDENT-P', check: 'session.aead', accused: 2 },
    });
  });

  it.each([
    ['S', { participants: presignStart(shares, [1, 2], 1).participants }],
    ['B', { batch: 2 }],
    ['epoch', { epoch: 1 }],
    ['rnd', { rnd: Buffer.alloc(32, 1) }],
    ['notAfter', { notAfter: 2_000_000_001 }],
    [
      'boot id',
      {
        participants: presignStart(shares, [1, 2, 3], 1).participants.map((p) => ({
          ...p,
          bootId: Buffer.alloc(16, 99),
        })),
      },
    ],
  ])('wrong %s -> CONFIG: all frames are of another session, nobody is accused', (_name, change) => {
    const share = shares.get(1) ?? fail('no share');
    const session = createPresignSession({
      start: { ...presignStart(shares, [1, 2, 3], 1), ...change },
      index: 1,
      sign: identityOf(1).sign,
      random: seededRandom('own'),
      keyShare: 'epoch' in change ? { ...share, epoch: change.epoch } : share,
      judge: createPairJudge(new Set(), () => fail('a verdict')),
    });
    session.start();
    for (const { frame, to } of honest.sent.filter((it) => it.to === 1)) {
      expect([to, session.receive(frame)]).toEqual([1, { outgoing: [], dropped: 'other-session' }]);
    }
  });

  it('a frame signed by a key that is not of the configuration -> dropped, no state', () => {
    const forged = resigned(frameOf(1, 0xffff), identityOf(3), (b) => b);
    const session = started(1);
    expect(session.receive(forged)).toEqual({ outgoing: [], dropped: 'signature' });
    expect(session.receive(frameOf(1, 0xffff))).toEqual({ outgoing: [] });
  });

  it('late messages: a round that is over, and a session that has ended', () => {
    const own = sessions();
    const { sent } = runSessions(own);
    const late = sent.find(({ to }) => to === 1)?.frame ?? fail('no frame');
    expect(own.get(1)?.receive(late)).toEqual({ outgoing: [], dropped: 'ended' });
  });
});
