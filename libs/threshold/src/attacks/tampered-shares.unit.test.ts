/**
 * The messages of the online round, of ECDSA and FROST, with one dishonest signer (specification sections 8, 9 and 16; RFC
 * 9591, section 5.4): the right class, the right party and no signature for any change; t-1 shares sign nothing, any t
 * do; epochs do not mix.
 */
import { InvalidInput, ProtocolFailure } from '../errors';
import { combineFrostShares } from '../frost/combine';
import { encodeFrostShare, type FrostShare, parseFrostShare } from '../frost/share';
import { verifySchnorrSignature } from '../frost/signature-check';
import * as frost from '../frost/testing/frost-harness';
import { verifySignature } from '../sign/signature-check';
import { combineShares } from '../sign/combine';
import { encodeOnlineShare, onlineShare, type OnlineShare, parseOnlineShare } from '../sign/online';
import { Q, scalarToBytes } from '../group/scalar';
import { groupOf } from '../suite';
import { generateSchnorrKey } from '../testing/ceremony-network';
import { presign } from '../testing/presign-harness';
import { reshare } from '../testing/reshare-network';
import { ecdsaKey, schnorrKeys } from '../testing/scenes';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { SecretSearch } from '../testing/secret-search';
import { seededRandom } from '../testing/seeded-random';
import { copyPresignatures, onlineShares, requestFor } from '../testing/signing-harness';

/** What the combiner concludes: the class, the check and the accused; `refused` for shares that have no form. */
function verdictOf(combine: () => boolean): unknown {
  try {
    return combine();
  } catch (error) {
    if (error instanceof InvalidInput) return 'refused';
    if (!(error instanceof ProtocolFailure)) throw error;
    const { failureClass, check, accused } = error;
    return [failureClass, check, accused];
  }
}

/** Changes of 32 bytes at an offset. */
function changes(
  bytes: Buffer,
  at: number,
  others: readonly (readonly [string, Buffer])[],
): [string, Buffer][] {
  const changed = (what: string, change: (field: Buffer) => void): [string, Buffer] => {
    const copy = Buffer.from(bytes);
    change(copy.subarray(at, at + 32));
    return [what, copy];
  };
  const flips = [0, 15, 31].map((offset) =>
    changed(`bit of byte ${offset}`, (field) => field.writeUInt8(field.readUInt8(offset) ^ 1, offset)),
  );
  return [
    ...flips,
    changed('zeros', (field) => field.fill(0)),
    changed('ones', (field) => field.fill(0xff)),
    ...others.map(([what, other]) => changed(what, (field) => field.set(other.subarray(at, at + 32)))),
  ].filter(([, copy]) => !copy.equals(bytes));
}

describe('ECDSA online shares (8)', () => {
  const { secretKey, shares: key } = ecdsaKey;
  const committee = [1, 2];
  const batches = presign(key, committee, 2, 'shares');
  const signers = copyPresignatures(batches, 0);
  const { presignatureId, R } = signers.get(1) ?? fail();
  const request = requestFor(secretKey, committee, Buffer.alloc(32, 5));
  const honest = onlineShares(copyPresignatures(batches, 0), request);
  const encoded = (of: ReadonlyMap<number, OnlineShare>, party: number) =>
    encodeOnlineShare(of.get(party) ?? fail());
  const another = requestFor(secretKey, committee, Buffer.alloc(32, 6));
  const child = requestFor(secretKey, committee, Buffer.alloc(32, 5), 7n);
  const others = [
    ['of another presignature', encoded(onlineShares(copyPresignatures(batches, 1), request), 2)],
    ['for another message', encoded(onlineShares(copyPresignatures(batches, 0), another), 2)],
    ['for another path', encoded(onlineShares(copyPresignatures(batches, 0), child), 2)],
    ['of party 1', encoded(honest, 1)],
  ] as const;

  const verdict = (share: OnlineShare | undefined, asked = request) =>
    verdictOf(() => {
      const shares = new Map(honest);
      if (share) shares.set(2, share);
      else shares.delete(2);
      const { signature } = combineShares({ presignatureId, R, request: asked, shares });
      return verifySignature(signature, asked.message32, asked.child.publicKey);
    });

  test('the honest shares sign, for exactly what was requested', () => {
    expect(verdict(honest.get(2))).toBe(true);
    expect(verdict(honest.get(2), another)).toEqual(['AGREE', 'combine.req', 1]);
    expect(verdict(honest.get(2), child)).toEqual(['AGREE', 'combine.req', 1]);
    expect(verdict(undefined)).toBe('refused');
  });

  const disagree = ['AGREE', 'combine.req', 2];
  const unattributed = ['UNATTRIBUTED', 'combine.signature', undefined];
  test.each([
    ['presignature id', 0, disagree],
    ['req', 32, disagree],
    ["u'", 64, unattributed],
    ['w', 96, unattributed],
  ] as const)('%s', (field, at, expected) => {
    const cases = changes(encoded(honest, 2), at, others);
    expect(cases.length).toBeGreaterThan(4);
    for (const [what, bytes] of cases) {
      const share = parseOnlineShare(bytes);
      const isScalar = at < 64 || what !== 'ones';
      expect([field, what, share !== undefined]).toEqual([field, what, isScalar]);
      if (share) expect([field, what, verdict(share)]).toEqual([field, what, expected]);
    }
  });

  test('whole shares from elsewhere', () => {
    const [presignature, message, path, party1] = others.map(([, bytes]) => parseOnlineShare(bytes));
    expect([presignature, message, path].map((share) => verdict(share))).toEqual(Array(3).fill(disagree));
    expect(verdict(party1)).toEqual(unattributed);
  });

  test('sums of zero have no inverse', () => {
    const { u, w } = honest.get(1) ?? fail();
    const negative = (scalar: Buffer) => scalarToBytes(Q - BigInt(`0x${scalar.toString('hex')}`));
    const own = honest.get(2) ?? fail();
    for (const share of [
      { ...own, u: negative(u) },
      { ...own, w: negative(w) },
    ]) {
      expect(verdict(share)).toEqual(['UNATTRIBUTED', 'combine.zero', undefined]);
    }
  });

  test('the other forms: lengths and scalars of the order or more', () => {
    const bytes = encoded(honest, 2);
    for (const form of [bytes.subarray(1), bytes.subarray(0, 127), Buffer.concat([bytes, Buffer.alloc(1)])]) {
      expect(parseOnlineShare(form)).toBeUndefined();
    }
    const order = Buffer.from(Q.toString(16), 'hex');
    for (const at of [64, 96]) {
      const form = Buffer.from(bytes);
      form.set(order, at);
      expect(parseOnlineShare(form)).toBeUndefined();
    }
  });

  test('no secret of a signer in what it sends, and none is left after', () => {
    const search = new SecretSearch();
    const copies = copyPresignatures(batches, 0);
    for (const { phi, u, v } of copies.values()) for (const secret of [phi, u, v]) search.add(secret);
    for (const share of key.values()) search.add(share.share);
    for (const presignature of copies.values()) {
      const result = onlineShare(presignature, request);
      if (result.kind !== 'share') throw new Error('burnt');
      expect(search.inBytes(encodeOnlineShare(result.share))).toBe(false);
      const { phi, u, v } = presignature;
      expect(Buffer.concat([phi, u, v])).toEqual(Buffer.alloc(96));
      expect(() => onlineShare(presignature, request)).toThrow(InvalidInput);
    }
  });
});

describe.each([3, 4] as const)('FROST shares, suite %i (RFC 9591, 5.4)', (suite) => {
  const key = schnorrKeys[suite].shares;
  const { order } = groupOf(suite);
  const committee = [1, 2, 3];
  const batches = frost.prepareNonces(key, committee, 2, 'shares');
  const nonce = frost.the(frost.copyNonces(batches, 0).get(1));
  const request = frost.requestFor(key, committee, Buffer.from('message'));
  const another = frost.requestFor(key, committee, Buffer.from('another'));
  const sharesOf = (p: number, asked = request) =>
    frost.frostShares(key, frost.copyNonces(batches, p), asked);
  const honest = sharesOf(0);
  const encoded = (of: ReadonlyMap<number, FrostShare>, party: number) =>
    encodeFrostShare(frost.the(of.get(party)));
  const others = [
    ['of another nonce', encoded(sharesOf(1), 2)],
    ['for another message', encoded(sharesOf(0, another), 2)],
    ['of party 1', encoded(honest, 1)],
  ] as const;

  const verdict = (share: FrostShare | undefined, asked = request) =>
    verdictOf(() => {
      const shares = new Map(honest);
      if (share) shares.set(2, share);
      else shares.delete(2);
      const { publicShares } = frost.the(key.get(1));
      const { signature, publicKey } = combineFrostShares({ nonce, request: asked, shares, publicShares });
      return verifySchnorrSignature(suite, signature, asked.message, publicKey);
    });

  test('the honest shares sign, for exactly what was requested', () => {
    expect(verdict(honest.get(2))).toBe(true);
    expect(verdict(honest.get(2), another)).toEqual(['AGREE', 'frost.req', 1]);
    expect(verdict(undefined)).toBe('refused');
  });

  test.each([
    ['nonce id', 0, ['AGREE', 'frost.req', 2]],
    ['req', 32, ['AGREE', 'frost.req', 2]],
    ['z', 64, ['IDENT', 'frost.share', 2]],
  ] as const)('%s: names its sender', (field, at, expected) => {
    const cases = changes(encoded(honest, 2), at, others);
    expect(cases.length).toBeGreaterThan(4);
    for (const [what, bytes] of cases) {
      const share = frost.the(parseFrostShare(bytes));
      expect([field, what, verdict(share)]).toEqual([field, what, expected]);
    }
  });

  test('z of the order or more, and the same z another way', () => {
    const own = frost.the(honest.get(2));
    const z = BigInt(`0x${own.z.toString('hex')}`);
    const forms = [order, order + 1n, order - z, ...(z + order < 1n << 256n ? [z + order] : [])];
    for (const form of forms) {
      const bytes = Buffer.from(form.toString(16).padStart(64, '0'), 'hex');
      expect(verdict({ ...own, z: bytes })).toEqual(['IDENT', 'frost.share', 2]);
    }
  });
});

describe.each([3, 4] as const)('any t shares sign, t-1 do not, epochs do not mix: suite %i', (suite) => {
  const key = generateSchnorrKey(2, 3, suite);
  const fresh = reshare(key, { dealers: [1, 3], threshold: 2, receivers: [1, 2, 3] });
  const schnorr = new Map(
    [...fresh].map(([party, share]) => {
      if ('pairs' in share) throw new Error('a share for FROST');
      return [party, share] as const;
    }),
  );
  const sign = (shares: frost.KeyShares, committee: readonly number[]) => {
    const nonces = frost.copyNonces(frost.prepareNonces(shares, committee, 1, 'subsets'), 0);
    const request = frost.requestFor(shares, committee, Buffer.from('subset'));
    const { signature, publicKey } = frost.signWith(shares, nonces, request);
    return verifySchnorrSignature(suite, signature, request.message, publicKey);
  };

  test.each([[[1, 2]], [[1, 3]], [[2, 3]], [[1, 2, 3]]])(
    '%j signs, in the old epoch and in the new',
    (committee) => {
      expect(sign(key, committee)).toBe(true);
      expect(sign(schnorr, committee)).toBe(true);
      expect(frost.the(schnorr.get(1)).publicKey).toEqual(frost.the(key.get(1)).publicKey);
    },
  );

  test('one alone does not', () => {
    expect(() => sign(key, [1])).toThrow(InvalidInput);
  });

  test('a share of the old epoch among new ones is refused, and convicts where it is passed off as new', () => {
    const mixed = new Map(schnorr).set(2, frost.the(key.get(2)));
    expect(() => sign(mixed, [1, 2])).toThrow(InvalidInput);
    const { share } = frost.the(key.get(2));
    const forged = new Map(schnorr).set(2, { ...frost.the(schnorr.get(2)), share: Buffer.from(share) });
    expect(verdictOf(() => sign(forged, [1, 2]))).toEqual(['IDENT', 'frost.share', 2]);
  });

  test('t-1 shares with one of nobody give no signature', () => {
    const stranger = frost.the(dealSchnorrKey(suite, 2, 3, seededRandom('stranger')).shares.get(2)).share;
    const forged = new Map(key).set(2, { ...frost.the(key.get(2)), share: stranger });
    expect(verdictOf(() => sign(forged, [1, 2]))).toEqual(['IDENT', 'frost.share', 2]);
  });
});

describe('ECDSA: any t shares sign, t-1 do not, epochs do not mix', () => {
  const { secretKey, shares } = ecdsaKey;

  test.each([[[1, 2]], [[1, 3]], [[2, 3]], [[1, 2, 3]]])('%j signs', (committee) => {
    const request = requestFor(secretKey, committee, Buffer.alloc(32, 3));
    const signers = copyPresignatures(presign(shares, committee, 1, 'subsets'), 0);
    const { presignatureId, R } = signers.get(committee[0] ?? 0) ?? fail();
    const answers = onlineShares(signers, request);
    const { signature } = combineShares({ presignatureId, R, request, shares: answers });
    expect(verifySignature(signature, request.message32, request.publicKey)).toBe(true);
    answers.delete(committee[0] ?? 0);
    expect(() => combineShares({ presignatureId, R, request, shares: answers })).toThrow(InvalidInput);
  });

  test('a share of another polynomial of the same key makes no presignature, and blames nobody', () => {
    const own = shares.get(2) ?? fail();
    const stranger = shares.get(3) ?? fail();
    const mixed = new Map(shares).set(2, { ...own, share: Buffer.from(stranger.share) });
    expect(verdictOf(() => presign(mixed, [1, 2], 1, 'mixed').size > 0)).toEqual([
      'UNATTRIBUTED',
      'presign.r2.pk',
      undefined,
    ]);
  });

  test('shares of two epochs do not start a session', () => {
    const next = new Map(shares).set(2, { ...(shares.get(2) ?? fail()), epoch: 1 });
    expect(() => presign(next, [1, 2], 1, 'epochs')).toThrow(InvalidInput);
  });
});

function fail(): never {
  throw new RangeError('missing');
}
