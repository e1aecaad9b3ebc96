/** Rolled-back and cloned signers (threats 1; specification sections 11.1 and 16). */
import { InvalidInput } from '../errors';
import { multiplyBase } from '../group/point';
import { invert, mod, Q, scalarFromBytes } from '../group/scalar';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { presignContext } from '../presign/context';
import { createPairJudge } from '../presign/pair-judge';
import { type Presignature, type PresignatureBatch } from '../presign/presignature';
import { beginRound1 } from '../presign/round1';
import { onlineShare, rerandomise, type SigningRequest } from '../sign/online';
import { runSessions } from '../testing/ceremony-network';
import { presignSessions, presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { copyOf, copyPresignatures, requestFor, signWith } from '../testing/signing-harness';
import { dealKey } from '../testing/trusted-dealer';

const { secretKey, shares } = dealKey(2, 3, seededRandom('key'));
const COMMITTEE = [1, 2];
const start = presignStart(shares, COMMITTEE, 1);

/** The ledger of section 11.1: UNIQUE presignature ids and UNIQUE own nonce points. */
class Ledger {
  private readonly ids = new Set<string>();
  private readonly noncePoints = new Set<string>();

  /** Whether the presignature may be used: it is recorded, for ever. */
  spend({ presignatureId, ownNoncePoint }: Presignature): boolean {
    const [id, point] = [presignatureId.toString('hex'), ownNoncePoint.toString('hex')];
    if (this.ids.has(id) || this.noncePoints.has(point)) return false;
    this.ids.add(id);
    this.noncePoints.add(point);
    return true;
  }
}

/** Presignatures of a session in which the parties' generators are seeded like this. */
function presignWith(seeds: readonly [string, string], rnd = start.rnd): Map<number, PresignatureBatch> {
  const sessions = presignSessions(shares, COMMITTEE, 1, 'unused', (index) => ({
    start: { ...start, rnd },
    random: seededRandom(seeds[index - 1] ?? ''),
  }));
  return new Map(
    [...runSessions(sessions).outcomes].map(([index, outcome]) => {
      if (outcome.kind === 'failure') throw outcome.failure;
      return [index, outcome.value];
    }),
  );
}

/** r of party 2, who knows it: what its generator with this seed gives. */
function nonceOfParty2(seed: string): bigint {
  const key = shares.get(2);
  if (!key) throw new RangeError('no share');
  const random = seededRandom(seed);
  const judge = createPairJudge(new Set(), () => undefined);
  const context = presignContext(start, 2, { key, random, kernel: wasmKernel, judge });
  const { state } = beginRound1(context, random(32));
  return scalarFromBytes(state.r[0] ?? Buffer.alloc(0));
}

const firstOf = (batches: ReadonlyMap<number, PresignatureBatch>, index: number) =>
  copyOf(batches.get(index)?.presignatures[0]);

describe('VM rollback of one signer between round 1 and the end (sections 11.1 and 16)', () => {
  // Party 1 runs from the same memory twice; its peer, who is corrupt, draws anew.
  const before = presignWith(['machine of party 1', 'first']);
  const after = presignWith(['machine of party 1', 'second']);

  it('the presignature ids differ and the own nonce point is the same: UNIQUE R_i stops it', () => {
    const [first, second] = [firstOf(before, 1), firstOf(after, 1)];
    expect(first.presignatureId).not.toEqual(second.presignatureId);
    expect(first.R).not.toEqual(second.R);
    expect(first.ownNoncePoint).toEqual(second.ownNoncePoint);
    const ledger = new Ledger();
    expect([ledger.spend(first), ledger.spend(second)]).toEqual([true, false]);
  });

  it('why: without the ledger the corrupt peer extracts the key, for it knows by how much the nonces differ', () => {
    const requests = [1, 2].map((fill) => requestFor(secretKey, COMMITTEE, Buffer.alloc(32, fill)));
    const equations = [before, after].map((batches, k) => {
      const request = requests[k] ?? fail();
      const { r, s } = signWith(copyPresignatures(batches, 0), request);
      const nonce = nonceOfParty2(k === 0 ? 'first' : 'second');
      expect(multiplyBase(nonce)).toEqual(firstOf(batches, 2).ownNoncePoint);
      return {
        r: scalarFromBytes(r),
        s: scalarFromBytes(s),
        m: messageOf(request),
        known: mod(nonce + deltaOf(batches, request)),
      };
    });
    const [a, b] = equations;
    if (!a || !b) throw new RangeError('two equations');
    // s * (r_1 + known) = m + r * x, up to the sign of s: two equations in r_1 and x.
    const candidates = [a.s, Q - a.s].flatMap((s) =>
      [b.s, Q - b.s].map((t) => solve({ ...a, s }, { ...b, s: t })),
    );
    expect(candidates).toContain(secretKey);
  });
});

interface Equation {
  readonly r: bigint;
  readonly s: bigint;
  readonly m: bigint;
  readonly known: bigint;
}

function solve(a: Equation, b: Equation): bigint {
  const [c1, c2] = [mod(a.m - a.s * a.known), mod(b.m - b.s * b.known)];
  return mod((b.s * c1 - a.s * c2) * invert(mod(a.s * b.r - b.s * a.r)));
}

function deltaOf(batches: ReadonlyMap<number, PresignatureBatch>, request: SigningRequest): bigint {
  const { presignatureId, R } = firstOf(batches, 1);
  return rerandomise(presignatureId, R, request)?.delta ?? fail();
}

function messageOf({ message32 }: SigningRequest): bigint {
  return mod(BigInt(`0x${message32.toString('hex')}`));
}

function fail(): never {
  throw new RangeError('missing');
}

describe('copies of a signer (sections 11.1 and 16)', () => {
  it('a clone with the same r_i is stopped by UNIQUE R_i, whatever its presignature id', () => {
    const [original, clone] = ['the peer', 'the peer of the clone'].map((peer) =>
      firstOf(presignWith(['copied machine', peer]), 1),
    );
    const ledger = new Ledger();
    expect(original && clone && [ledger.spend(clone), ledger.spend(original)]).toEqual([true, false]);
  });

  it('a clone in another session has another r_i: the session id is hashed into the nonce', () => {
    const points = [start.rnd, Buffer.alloc(32, 8)].map(
      (rnd) => firstOf(presignWith(['copied machine', 'peer'], Buffer.from(rnd)), 1).ownNoncePoint,
    );
    expect(points[0]).not.toEqual(points[1]);
  });

  it('two workers with one presignature: the ledger lets one of them send', () => {
    const batches = presignWith(['worker', 'peer']);
    const ledger = new Ledger();
    const allowed = Array.from({ length: 16 }, () => ledger.spend(firstOf(batches, 1)));
    expect(allowed.filter(Boolean)).toHaveLength(1);
  });

  it('in one memory the presignature itself is refused the second time, and after a burn or a failed request', () => {
    const presignature = firstOf(presignWith(['one memory', 'peer']), 1);
    const request = requestFor(secretKey, COMMITTEE, Buffer.alloc(32, 1));
    expect(onlineShare(presignature, request).kind).toBe('share');
    const other = requestFor(secretKey, COMMITTEE, Buffer.alloc(32, 2));
    for (const again of [request, other])
      expect(() => onlineShare(presignature, again)).toThrow(InvalidInput);
  });
});
