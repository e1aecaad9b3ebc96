import { secp256k1 } from '@noble/curves/secp256k1.js';
import { computeAddress, recoverAddress } from 'ethers';
import fc from 'fast-check';
import { generateKey } from '../testing/ceremony-network';
import { presign } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey } from '../testing/trusted-dealer';
import { deriveChild, parsePath } from './bip32';
import { combineShares } from './combine';
import { InvalidInput, ProtocolFailure } from '../errors';
import { healthMessage, healthRequest } from './health';
import {
  encodeOnlineShare,
  onlineShare,
  type OnlineShare,
  parseOnlineShare,
  rerandomise,
  type SigningRequest,
} from './online';
import { multiplyBase, multiplyPublic } from '../group/point';
import { type Presignature, type PresignatureBatch } from '../presign/presignature';
import { invert, mod, Q, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { verifySignature } from './signature-check';

const COMMITTEE = [1, 3];
const { secretKey, shares } = dealKey(2, 3, seededRandom('2-of-3'));
const publicKey = multiplyBase(secretKey);
const stock = presign(shares, COMMITTEE, 8, 'stock');

type Signers = ReadonlyMap<number, Presignature>;

/** Copies of presignature p of every signer: as a restored backup would give them. */
function presignaturesOf(
  batches: ReadonlyMap<number, PresignatureBatch>,
  p: number,
): Map<number, Presignature> {
  return new Map(
    [...batches].map(([index, { presignatures }]) => {
      const presignature = presignatures[p];
      if (!presignature) throw new RangeError('no such presignature');
      const { phi, u, v } = presignature;
      return [index, { ...presignature, phi: Buffer.from(phi), u: Buffer.from(u), v: Buffer.from(v) }];
    }),
  );
}

function requestOf(tweak: bigint, message32: Buffer): SigningRequest {
  const child = { tweak, publicKey: multiplyBase(mod(secretKey + tweak)) };
  return { publicKey, child, message32, requestNonce: Buffer.alloc(32, 9), committee: COMMITTEE };
}

/** The failure that an action throws. */
function failureOf(action: () => unknown): ProtocolFailure | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolFailure) return error;
    throw error;
  }
}

function shareOf(signers: Signers, index: number, request: SigningRequest): OnlineShare {
  const presignature = signers.get(index);
  if (!presignature) throw new RangeError(`no presignature of party ${index}`);
  const result = onlineShare(presignature, request);
  if (result.kind !== 'share') throw new RangeError('burnt');
  return result.share;
}

function combine(signers: Signers, request: SigningRequest, online: ReadonlyMap<number, OnlineShare>) {
  const [any] = [...signers.values()];
  if (!any) throw new RangeError('no signers');
  return combineShares({ presignatureId: any.presignatureId, R: any.R, request, shares: online });
}

function sign(signers: Signers, request: SigningRequest) {
  const online = new Map([...signers.keys()].map((index) => [index, shareOf(signers, index, request)]));
  return combine(signers, request, online);
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const messageOf = (seed: number) => seededRandom(`message ${seed}`)(32);

describe('online and combine (section 8)', () => {
  it('signs under root and child keys; noble and ethers agree, for both parities and with s normalised', () => {
    const parities = new Set<number>();
    for (let k = 0; k < 12; k++) {
      const request = requestOf([0n, 1n, Q - 2n, 2n ** 200n][k % 4] ?? 0n, messageOf(k));
      const { signature, r, s, yParity } = sign(presignaturesOf(stock, k % 8), request);
      const child = request.child.publicKey;
      expect(secp256k1.verify(signature, request.message32, child, { prehash: false })).toBe(true);
      expect(scalarFromBytes(s) <= Q / 2n).toBe(true);
      const recovered = recoverAddress(hex(request.message32), { r: hex(r), s: hex(s), yParity });
      expect(recovered).toBe(computeAddress(hex(child)));
      parities.add(yParity);
    }
    expect(parities).toEqual(new Set([0, 1]));
  });

  it('a digest between q and 2^256 is taken mod q', () => {
    const request = requestOf(0n, scalarAboveQ(5n));
    const { signature } = sign(presignaturesOf(stock, 0), request);
    expect(verifySignature(signature, request.message32, publicKey)).toBe(true);
  });

  it('every signer is bound to message, path, nonce and committee: another one -> AGREE', () => {
    const request = requestOf(5n, messageOf(1));
    const others: SigningRequest[] = [
      requestOf(5n, messageOf(2)),
      requestOf(6n, messageOf(1)),
      { ...request, requestNonce: Buffer.alloc(32, 8) },
      { ...request, committee: [1, 2] },
    ];
    for (const other of others) {
      const signers = presignaturesOf(stock, 1);
      const online = new Map([
        [1, shareOf(signers, 1, request)],
        [3, shareOf(signers, 3, other)],
      ]);
      expect(failureOf(() => combine(signers, request, online))).toMatchObject({
        failureClass: 'AGREE',
        check: 'combine.req',
        accused: 3,
      });
    }
  });

  it('mixed presignatures -> AGREE', () => {
    const request = requestOf(0n, messageOf(1));
    const [signers, other] = [presignaturesOf(stock, 1), presignaturesOf(stock, 2)];
    const online = new Map([
      [1, shareOf(signers, 1, request)],
      [3, shareOf(other, 3, request)],
    ]);
    expect(failureOf(() => combine(signers, request, online))).toMatchObject({ failureClass: 'AGREE' });
  });

  it.each(['u', 'w'] as const)("%s' altered -> UNATTRIBUTED", (field) => {
    const request = requestOf(0n, messageOf(1));
    const signers = presignaturesOf(stock, 1);
    const online = new Map(COMMITTEE.map((index) => [index, shareOf(signers, index, request)]));
    const share = online.get(3);
    if (!share) throw new RangeError('no share');
    online.set(3, { ...share, [field]: scalarToBytes(mod(scalarFromBytes(share[field]) + 1n)) });
    const failure = { failureClass: 'UNATTRIBUTED', check: 'combine.signature', accused: undefined };
    expect(failureOf(() => combine(signers, request, online))).toMatchObject(failure);
  });

  it.each(['u', 'w'] as const)("sum of %s' = 0 -> UNATTRIBUTED, burn", (field) => {
    const request = requestOf(0n, messageOf(1));
    const signers = presignaturesOf(stock, 1);
    const online = new Map(COMMITTEE.map((index) => [index, shareOf(signers, index, request)]));
    for (const [index, share] of online) online.set(index, { ...share, [field]: Buffer.alloc(32) });
    const failure = { failureClass: 'UNATTRIBUTED', check: 'combine.zero' };
    expect(failureOf(() => combine(signers, request, online))).toMatchObject(failure);
  });

  it('a share that is missing is refused', () => {
    const request = requestOf(0n, messageOf(1));
    const signers = presignaturesOf(stock, 1);
    expect(() => combine(signers, request, new Map([[1, shareOf(signers, 1, request)]]))).toThrow(
      InvalidInput,
    );
  });

  it('m = 0 mod q, a nonce or digest of another length, a tweak below 0 or >= q are refused, and consume nothing', () => {
    const signers = presignaturesOf(stock, 3);
    const request = requestOf(0n, messageOf(1));
    const refused: SigningRequest[] = [
      { ...request, message32: Buffer.alloc(32) },
      { ...request, message32: scalarAboveQ(0n) },
      { ...request, message32: Buffer.alloc(31, 1) },
      { ...request, requestNonce: Buffer.alloc(0) },
      { ...request, child: { tweak: Q, publicKey } },
      { ...request, child: { tweak: -1n, publicKey } },
    ];
    for (const bad of refused) expect(() => shareOf(signers, 1, bad)).toThrow(InvalidInput);
    expect(sign(signers, request).signature).toHaveLength(64);
  });

  it('psi-cheater: shares off by a known amount fail to combine, yet the cheater repairs the signature ("maybe signed")', () => {
    const request = requestOf(0n, messageOf(4));
    const signers = presignaturesOf(stock, 4);
    const honest = new Map(COMMITTEE.map((index) => [index, shareOf(signers, index, request)]));
    const [one, three] = [honest.get(1), honest.get(3)];
    if (!one || !three) throw new RangeError('two shares');
    const withheld = { ...three, u: scalarToBytes(mod(scalarFromBytes(three.u) + 42n)) };
    expect(() => combine(signers, request, new Map([[1, one], [3, withheld]]))).toThrow('combine.signature'); // prettier-ignore
    expect(combine(signers, request, honest).signature).toHaveLength(64);
  });
});

/** value + q as 32 bytes. */
function scalarAboveQ(value: bigint): Buffer {
  return Buffer.from((Q + value).toString(16), 'hex');
}

describe('from key generation to a signature', () => {
  it('a generated key presigns with any committee and signs for a derived child', () => {
    const generated = generateKey(2, 3);
    const key = generated.get(1);
    if (!key) throw new RangeError('no key share');
    for (const committee of [
      [1, 2],
      [2, 3],
    ]) {
      // prettier-ignore
      const batches = presign(generated, committee, 1, 'generated');
      const child = deriveChild(key.publicKey, key.chainCode, parsePath('m/44/60/7'));
      const message32 = messageOf(9);
      const request = {
        publicKey: key.publicKey,
        child,
        message32,
        requestNonce: Buffer.alloc(32),
        committee,
      };
      const { signature } = sign(presignaturesOf(batches, 0), request);
      expect(secp256k1.verify(signature, message32, child.publicKey, { prehash: false })).toBe(true);
    }
  });
});

describe('presignature safety (section 11)', () => {
  it('a presignature is refused the second time', () => {
    const signers = presignaturesOf(stock, 5);
    const request = requestOf(0n, messageOf(5));
    shareOf(signers, 1, request);
    const presignature = signers.get(1);
    expect(
      presignature && [...presignature.phi, ...presignature.u, ...presignature.v].every((b) => b === 0),
    ).toBe(true);
    expect(() => shareOf(signers, 1, request)).toThrow(InvalidInput);
  });

  it('nonce reuse extraction: why the ledger must stop a restored copy', () => {
    const [first, second] = [requestOf(0n, messageOf(6)), requestOf(0n, messageOf(7))];
    const signers = presignaturesOf(stock, 6);
    const [any] = [...signers.values()];
    if (!any) throw new RangeError('no signers');
    const restored = presignaturesOf(stock, 6);
    const [a, b] = [sign(signers, first), sign(restored, second)];
    const [ra, rb] = [first, second].map((request) => rerandomise(any.presignatureId, any.R, request));
    if (!ra || !rb) throw new RangeError('burnt');
    const scalars = (it: typeof a) => [scalarFromBytes(it.r), scalarFromBytes(it.s)] as const;
    const [[r1, s1], [r2, s2]] = [scalars(a), scalars(b)];
    const [m1, m2] = [first, second].map(({ message32 }) => mod(BigInt(hex(message32))));
    const keys: bigint[] = [];
    for (const [t1, t2] of [
      [s1, s2],
      [s1, Q - s2],
      [Q - s1, s2],
      [Q - s1, Q - s2],
    ] as const) {
      // prettier-ignore
      // t1*(k + delta1) = m1 + r1*x and t2*(k + delta2) = m2 + r2*x: two equations, two unknowns.
      const c1 = mod((m1 ?? 0n) - t1 * ra.delta);
      const c2 = mod((m2 ?? 0n) - t2 * rb.delta);
      keys.push(mod((t2 * c1 - t1 * c2) * invert(mod(t1 * r2 - t2 * r1))));
    }
    expect(keys).toContain(secretKey);
  });

  it('a presignature of one committee is of no use to another', () => {
    const elsewhere = presign(shares, [1, 2], 1, 'elsewhere');
    const mixed = new Map([...presignaturesOf(stock, 7)].slice(0, 1));
    const other = presignaturesOf(elsewhere, 0).get(2);
    if (!other) throw new RangeError('no presignature');
    const request = { ...requestOf(0n, messageOf(1)), committee: [1, 2] };
    const online = new Map([[1, shareOf(mixed, 1, request)], [2, shareOf(new Map([[2, other]]), 2, request)]]); // prettier-ignore
    expect(failureOf(() => combine(mixed, request, online))).toMatchObject({ failureClass: 'AGREE' });
  });

  it("re-randomisation: R' = R + delta*G, and delta depends on every input", () => {
    const [any] = [...presignaturesOf(stock, 0).values()];
    if (!any) throw new RangeError('no signers');
    const request = requestOf(5n, messageOf(1));
    const deltas = [
      request,
      requestOf(6n, messageOf(1)),
      requestOf(5n, messageOf(2)),
      { ...request, requestNonce: Buffer.alloc(32) },
      { ...request, committee: [1, 2] },
    ].map((it) => rerandomise(any.presignatureId, any.R, it)?.delta);
    expect(new Set(deltas).size).toBe(5);
    const reordered = rerandomise(any.presignatureId, any.R, { ...request, committee: [3, 1] });
    expect(reordered?.delta).toBe(deltas[0]);
    const rest = multiplyPublic(multiplyBase(1n), mod(-(deltas[0] ?? 0n)));
    expect(secp256k1.Point.fromHex(reordered?.rPrime.toString('hex') ?? '').add(secp256k1.Point.fromHex(rest.toString('hex'))).toHex()).toBe(any.R.toString('hex')); // prettier-ignore
  });
});

describe('the share on the wire (section 8.5)', () => {
  const share = shareOf(presignaturesOf(stock, 0), 1, requestOf(0n, messageOf(1)));

  it('has 128 bytes and parses back', () => {
    expect(encodeOnlineShare(share)).toHaveLength(128);
    expect(parseOnlineShare(encodeOnlineShare(share))).toEqual(share);
  });

  it('known answer', () => {
    expect(encodeOnlineShare(share).toString('hex')).toMatchInlineSnapshot(
      `"4e28ae4da01d2cfac35f9047d91f1d2cc8982f4cb0c357edcebeeed7f9de6e87beeda0b93448c22052aee792146e90e0a549edc501b1e53ed08faa699a0984cf067d6c5c0ab7abd8806ec69339b7b288ec63b855df33045882da76f0bcf87fa1444801a3ea538359b7a011e423b80362de40917dab62ec3938ad4d126d1b10ee"`,
    );
  });

  it('another length or a scalar >= q is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
        expect(parseOnlineShare(junk) === undefined || junk.length === 128).toBe(true);
      }),
    );
    for (const at of [64, 96]) {
      const bytes = encodeOnlineShare(share);
      bytes.set(scalarAboveQ(0n), at);
      expect(parseOnlineShare(bytes)).toBeUndefined();
    }
  });
});

describe('health check (section 3, R4)', () => {
  it('signs H("health", keyId, epoch, presigId) under the root key with a nonce of zeros', () => {
    const key = shares.get(1);
    const signers = presignaturesOf(stock, 2);
    const [any] = [...signers.values()];
    if (!key || !any) throw new RangeError('no key');
    const request = healthRequest(key, any.presignatureId, COMMITTEE);
    expect(request.requestNonce).toEqual(Buffer.alloc(32));
    expect(request.message32).toEqual(healthMessage(key.keyId, key.epoch, any.presignatureId));
    const { signature } = sign(signers, request);
    expect(verifySignature(signature, request.message32, key.publicKey)).toBe(true);
  });
});
