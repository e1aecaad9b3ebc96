/** Algebraic property tests of whole runs (specification section 16). */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { multiplyBase, multiplyPublic } from '../group/point';
import { mod, Q, scalarFromBytes } from '../group/scalar';
import { type PresignStart } from '../session/session-start';
import { deriveChild } from '../sign/bip32';
import { combined, copyPresignatures, onlineShares } from '../testing/signing-harness';
import { runPlain } from '../testing/plain-ceremony';
import { presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey } from '../testing/trusted-dealer';
import { type KeyShare } from '../keygen/key-share';
import { type PresignatureBatch } from './presignature';

type Batches = ReadonlyMap<number, PresignatureBatch>;

function batchesOf(shares: ReadonlyMap<number, KeyShare>, start: PresignStart, seed: string): Batches {
  const { batches, failures } = runPlain(shares, start, { seed });
  expect([...failures.values()]).toEqual([]);
  return batches;
}

function total(batches: Batches, p: number, field: 'phi' | 'u' | 'v'): bigint {
  const shares = [...batches.values()].map(
    ({ presignatures }) => presignatures[p]?.[field] ?? Buffer.alloc(0),
  );
  return mod(shares.reduce((sum, share) => sum + scalarFromBytes(share), 0n));
}

/** sum u = k*phi, through the nonce point, and sum v = x*phi, for every presignature of the batch. */
function expectEquations(batches: Batches, secretKey: bigint, count: number): void {
  const [first] = [...batches.values()];
  expect(first?.presignatures).toHaveLength(count);
  first?.presignatures.forEach(({ R }, p) => {
    const phi = total(batches, p, 'phi');
    expect(multiplyPublic(R, phi)).toEqual(multiplyBase(total(batches, p, 'u')));
    expect(total(batches, p, 'v')).toBe(mod(secretKey * phi));
  });
}

describe('sum u = k*phi, sum v = x*phi (section 7)', () => {
  it.each([1, 2, 12, 15, 16, 64])('B = %i', (batch) => {
    const { secretKey, shares } = dealKey(2, 2, seededRandom('batches'));
    const batches = batchesOf(shares, presignStart(shares, [1, 2], batch), `B ${batch}`);
    expectEquations(batches, secretKey, batch);
  });

  it.each([2, 8])('suite 2, B = %i', (batch) => {
    const { secretKey, shares } = dealKey(2, 2, seededRandom('suite 2'), { suite: 2 });
    const batches = batchesOf(shares, presignStart(shares, [1, 2], batch), `B ${batch}`);
    expectEquations(batches, secretKey, batch);
  });

  it('all |S| from t to n', () => {
    const { secretKey, shares } = dealKey(2, 5, seededRandom('sizes'));
    for (const committee of [
      [2, 5],
      [1, 3, 4],
      [1, 2, 4, 5],
      [1, 2, 3, 4, 5],
    ]) {
      expectEquations(batchesOf(shares, presignStart(shares, committee, 1), 'sizes'), secretKey, 1);
    }
  });

  it.each([1n, Q - 1n])('with a key share of extreme value %s', (extreme) => {
    // f(x) = a + b x with f(1) = extreme: the share of party 1 is 1 or q - 1.
    const { shares, secretKey } = dealKey(2, 2, seededWith(extreme));
    expect(scalarFromBytes(shares.get(1)?.share ?? Buffer.alloc(0))).toBe(extreme);
    expectEquations(batchesOf(shares, presignStart(shares, [1, 2], 1), 'extreme'), secretKey, 1);
  });
});

/** A generator whose first two scalars are 5 and extreme - 5. */
function seededWith(extreme: bigint) {
  const rest = seededRandom('extreme');
  const first = [5n, mod(extreme - 5n)].map((x) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex'));
  return (bytes: number) => first.shift() ?? rest(bytes);
}

describe('random t, n, committee, batch and path, end to end', () => {
  const shapes = fc
    .record({
      n: fc.integer({ min: 2, max: 5 }),
      seed: fc.nat(),
      suite: fc.constantFrom(1 as const, 2 as const),
    })
    .chain(({ n, seed, suite }) =>
      fc.record({
        n: fc.constant(n),
        seed: fc.constant(seed),
        suite: fc.constant(suite),
        t: fc.integer({ min: 2, max: n }),
        batch: fc.integer({ min: 1, max: 3 }),
        order: fc.shuffledSubarray(
          Array.from({ length: n }, (_, k) => k + 1),
          { minLength: n, maxLength: n },
        ),
        extra: fc.nat(n),
        path: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 5 }),
        message: fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((m) => m.some((byte) => byte !== 0)),
      }),
    );

  it('the signature verifies with noble under the derived key', () => {
    fc.assert(
      fc.property(shapes, ({ n, t, seed, suite, batch, order, extra, path, message }) => {
        const { shares } = dealKey(t, n, seededRandom(`key ${seed}`), { suite });
        const committee = order.slice(0, Math.min(n, t + extra)).sort((a, b) => a - b);
        const batches = batchesOf(shares, presignStart(shares, committee, batch), `run ${seed}`);
        const key = shares.get(1);
        if (!key) throw new RangeError('no share');
        const { publicKey, chainCode } = key;
        const child = deriveChild(publicKey, chainCode, path);
        const message32 = Buffer.from(message);
        const request = { publicKey, child, message32, requestNonce: Buffer.alloc(32, 3), committee };
        for (let p = 0; p < batch; p++) {
          const signers = copyPresignatures(batches, p);
          const { signature } = combined(signers, request, onlineShares(signers, request));
          expect(secp256k1.verify(signature, message32, child.publicKey, { prehash: false })).toBe(true);
        }
      }),
      { numRuns: 12, seed: 20260976 },
    );
  });

  it('fewer shares than the committee, or the shares of a subset as a committee of its own, give no signature', () => {
    const { shares } = dealKey(2, 3, seededRandom('subset'));
    const batches = batchesOf(shares, presignStart(shares, [1, 2, 3], 1), 'subset');
    const key = shares.get(1);
    if (!key) throw new RangeError('no share');
    const child = { tweak: 0n, publicKey: key.publicKey };
    const request = {
      publicKey: key.publicKey,
      child,
      message32: Buffer.alloc(32, 1),
      requestNonce: Buffer.alloc(32),
      committee: [1, 2],
    };
    const signers = new Map([...copyPresignatures(batches, 0)].slice(0, 2));
    expect(() => combined(signers, request, onlineShares(signers, request))).toThrow(
      'UNATTRIBUTED: combine.signature',
    );
  });
});
