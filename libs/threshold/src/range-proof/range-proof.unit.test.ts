import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { InvalidInput } from '../errors';
import { negatePoint } from '../group/point';
import { Q, randomScalarBytes, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { hashToPoint } from '../group/hash-to-point';
import { H } from '../hash';
import { type RandomSource } from '../random';
import { seededRandom } from '../testing/seeded-random';
import { parseRangeProof, rangeProofBytes } from './encoding';
import { generators } from './generators';
import { commitValue, proveRange, verifyRange } from './range-proof';

const context = Buffer.from('session 1');

function prove(values: readonly bigint[], bits: number, seed: string) {
  const random = seededRandom(seed);
  const blindings = values.map(() => randomScalarBytes(random));
  return { context, bits, blindings, ...proveRange({ context, values, blindings, bits, random }) };
}

const one = prove([177n], 8, 'one');
const two = prove([0n, 255n], 8, 'two');

describe('commitments', () => {
  test('are value * G + blinding * H', () => {
    const G = secp256k1.Point.BASE;
    const base = secp256k1.Point.fromBytes(hashToPoint(H('rp/generator', 'h')));
    const value = fc.oneof(fc.constantFrom(0n, 1n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n));
    fc.assert(
      fc.property(value, fc.string(), (v, seed) => {
        const blinding = randomScalarBytes(seededRandom(seed));
        const expected = base.multiply(scalarFromBytes(blinding)).add(G.multiplyUnsafe(v));
        expect(commitValue(v, blinding).toString('hex')).toBe(expected.toHex(true));
      }),
      { numRuns: 15 },
    );
  });

  test('need 64 bits and a blinding in [1, q)', () => {
    const blinding = Buffer.alloc(32, 1);
    for (const value of [-1n, 2n ** 64n, Q]) expect(() => commitValue(value, blinding)).toThrow(InvalidInput);
    for (const bad of [Buffer.alloc(32), Buffer.alloc(31, 1), Buffer.alloc(32, 0xff), Buffer.alloc(0)]) {
      expect(() => commitValue(1n, bad)).toThrow(InvalidInput);
    }
  });
});

describe('range proofs (sections 4.1 to 4.3)', () => {
  test('convince of random values, and of both ends of the range', () => {
    const value = fc.oneof(fc.constantFrom(0n, 255n), fc.bigInt(0n, 255n));
    const values = fc.constantFrom(1, 2, 4).chain((m) => fc.array(value, { minLength: m, maxLength: m }));
    fc.assert(
      fc.property(values, fc.string(), (list, seed) => expect(verifyRange(prove(list, 8, seed))).toBe(true)),
      { numRuns: 12 },
    );
  });

  test.each([
    [16, [0n, 65535n]],
    [32, [2n ** 32n - 1n]],
    [64, [2n ** 64n - 1n]],
    [64, [0n]],
    [8, Array.from({ length: 16 }, (_, j) => BigInt(j * 17))],
  ])('of %d bits', (bits, values) => {
    const proven = prove(values, bits, 'sizes');
    expect(proven.proof).toHaveLength(rangeProofBytes(bits, values.length));
    expect(verifyRange(proven)).toBe(true);
  });

  test('commit to the values as commitValue does, in their order', () => {
    const { commitments, blindings } = two;
    expect(commitments).toEqual([0n, 255n].map((v, j) => commitValue(v, blindings[j] ?? Buffer.alloc(0))));
  });

  test('take 688 bytes for 64 bits, and two points more whenever the number of bits doubles', () => {
    expect(rangeProofBytes(64, 1)).toBe(688);
    expect(rangeProofBytes(64, 16) - rangeProofBytes(64, 8)).toBe(66);
    expect(rangeProofBytes(8, 8)).toBe(688);
  });

  test('known answer', () => {
    expect(createHash('sha256').update(two.proof).digest('hex')).toMatchInlineSnapshot(
      `"69a16afe3d941ac559ca1f2ee21253b03ebe1cbc8d4b2c3ffabc3ec65b46658d"`,
    );
    expect(two.commitments.map((V) => V.toString('hex'))).toMatchInlineSnapshot(`
     [
       "0233b205742353b092d6ae381e143f535e963a3da4009e6089644365b955aa33bc",
       "03c6ace374e243c31c828d6b2888540002c9ed03149f3b4fdb9bcbd1be0ac20033",
     ]
    `);
  });

  test('of the same values have nothing in common', () => {
    const fields = (seed: string) => {
      const proof = parseRangeProof(prove([177n], 8, seed).proof, 8, 1);
      if (!proof) throw new Error('no proof');
      const { A, S, T1, T2, rounds, ...scalars } = proof;
      const points = [A, S, T1, T2, ...rounds.flatMap(({ L, R }) => [L, R])];
      return [...points.map((point) => point.toString('hex')), ...Object.values(scalars)];
    };
    const all = [...fields('a'), ...fields('b')];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the prover refuses', () => {
  const random = seededRandom('refuses');
  const blinding = randomScalarBytes(random);
  const attempt = (values: readonly bigint[], bits: number, blindings = values.map(() => blinding)) =>
    proveRange({ context, values, blindings, bits, random });

  test.each([-1n, 256n, 2n ** 64n, Q, Q + 5n])('the value %d for 8 bits, and does not repeat it', (value) => {
    expect(() => attempt([value], 8)).toThrow(new InvalidInput('value out of range'));
    expect(() => attempt([3n, value], 8)).toThrow(InvalidInput);
  });

  test.each([0, 1, 7, 9, 12, 128, 8.5, NaN, -8])('%d bits', (bits) => {
    expect(() => attempt([0n], bits)).toThrow(InvalidInput);
  });

  test.each([0, 3, 5, 17, 32])('%d values', (count) => {
    expect(() => attempt(new Array<bigint>(count).fill(1n), 8)).toThrow(InvalidInput);
  });

  test('blindings that are missing, left over or no scalars', () => {
    for (const blindings of [[], [blinding, blinding], [Buffer.alloc(32)], [Buffer.alloc(32, 0xff)]]) {
      expect(() => attempt([1n], 8, blindings)).toThrow(InvalidInput);
    }
  });
});

describe('the verifier refuses', () => {
  test('a proof with any byte changed', () => {
    const accepted = Array.from(one.proof.keys()).filter((offset) => {
      const proof = Buffer.from(one.proof);
      proof.writeUInt8(proof.readUInt8(offset) ^ 1, offset);
      return verifyRange({ ...one, proof });
    });
    expect(accepted).toEqual([]);
  });

  test('a point replaced by its negative, and by the identity in any encoding', () => {
    const points = [0, 33, 66, 99, ...Array.from({ length: 6 }, (_, j) => 228 + 33 * j)];
    for (const offset of points) {
      for (const prefix of [one.proof.readUInt8(offset) ^ 1, 0, 4, 6]) {
        const proof = Buffer.from(one.proof);
        proof.writeUInt8(prefix, offset);
        expect(verifyRange({ ...one, proof })).toBe(false);
        if (prefix === 0)
          expect(verifyRange({ ...one, proof: proof.fill(0, offset, offset + 33) })).toBe(false);
      }
    }
  });

  test('a truncated, padded or empty proof, and one of another size', () => {
    for (const length of [0, 1, 33, 228, one.proof.length - 1]) {
      expect(verifyRange({ ...one, proof: one.proof.subarray(0, length) })).toBe(false);
    }
    expect(verifyRange({ ...one, proof: Buffer.concat([one.proof, Buffer.alloc(1)]) })).toBe(false);
    expect(verifyRange({ ...one, proof: two.proof })).toBe(false);
    expect(verifyRange({ ...one, proof: Buffer.alloc(one.proof.length) })).toBe(false);
  });

  test('well-formed nonsense, also where products and sums vanish', () => {
    const { valueBase, blindingBase, innerProductBase, g } = generators(8);
    const bases = [valueBase, negatePoint(valueBase), blindingBase, innerProductBase, ...g.slice(0, 1)];
    const points = fc.array(fc.constantFrom(...bases), { minLength: 11, maxLength: 11 });
    const scalar = fc.oneof(fc.constantFrom(0n, 1n, Q - 1n), fc.bigInt(0n, Q - 1n));
    const scalars = fc.array(scalar, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(points, scalars, ([V, ...messages], values) => {
        const encoded = values.map((value) => scalarToBytes(value));
        const [head, rounds] = [messages.slice(0, 4), messages.slice(4)];
        const proof = Buffer.concat([...head, ...encoded.slice(0, 3), ...rounds, ...encoded.slice(3)]);
        expect(proof).toHaveLength(one.proof.length);
        expect(verifyRange({ ...one, commitments: V ? [V] : [], proof })).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('L and R exchanged, and rounds in another order', () => {
    const [head, rounds] = [one.proof.subarray(0, 228), one.proof.subarray(228, 228 + 66 * 3)];
    const parts = Array.from({ length: 6 }, (_, k) => rounds.subarray(33 * k, 33 * (k + 1)));
    const inOrder = (order: number[]) => {
      const reordered = order.map((k) => parts[k] ?? Buffer.alloc(0));
      return verifyRange({ ...one, proof: Buffer.concat([head, ...reordered, one.proof.subarray(426)]) });
    };
    expect(inOrder([0, 1, 2, 3, 4, 5])).toBe(true);
    for (const order of [
      [1, 0, 2, 3, 4, 5],
      [0, 1, 2, 3, 5, 4],
      [2, 3, 0, 1, 4, 5],
    ]) {
      expect(inOrder(order)).toBe(false);
    }
  });

  test('another context: a proof cannot be replayed', () => {
    for (const other of ['session 2', 'session 1 ', '']) {
      expect(verifyRange({ ...one, context: Buffer.from(other) })).toBe(false);
    }
  });

  test('another range or number of values, also where the proofs are of the same length', () => {
    for (const bits of [16, 32, 64]) expect(verifyRange({ ...one, bits })).toBe(false);
    expect(rangeProofBytes(16, 1)).toBe(two.proof.length);
    expect(verifyRange({ ...two, bits: 16, commitments: two.commitments.slice(0, 1) })).toBe(false);
    const wide = prove([200n], 16, 'wide');
    expect(verifyRange({ ...wide, bits: 8, commitments: [...wide.commitments, ...one.commitments] })).toBe(
      false,
    );
  });

  test('sizes that are not supported, without looking at the proof', () => {
    for (const bits of [0, 1, 7, 24, 128, 8.5, NaN, -8]) expect(verifyRange({ ...one, bits })).toBe(false);
    const [V] = one.commitments;
    for (const count of [0, 3, 32]) {
      const commitments = new Array<typeof V>(count).fill(V).flatMap((point) => (point ? [point] : []));
      expect(verifyRange({ ...one, commitments })).toBe(false);
    }
  });

  test('commitments in another order, of another value, or no points', () => {
    const [V = Buffer.alloc(0), W = Buffer.alloc(0)] = two.commitments;
    expect(verifyRange({ ...two, commitments: [V, W] })).toBe(true);
    expect(verifyRange({ ...two, commitments: [W, V] })).toBe(false);
    expect(verifyRange({ ...two, commitments: [V, V] })).toBe(false);
    expect(verifyRange({ ...two, commitments: [V, ...one.commitments] })).toBe(false);
    const uncompressed = secp256k1.Point.fromBytes(W).toBytes(false);
    for (const bad of [Buffer.alloc(33), Buffer.alloc(0), W.subarray(0, 32), uncompressed]) {
      expect(verifyRange({ ...two, commitments: [V, bad] })).toBe(false);
    }
    expect(verifyRange({ ...one, commitments: one.commitments.map((V) => negatePoint(V)) })).toBe(false);
  });
});

test('the randomness that blinds the proof is wiped', () => {
  const seeded = seededRandom('wiped');
  const drawn: Buffer[] = [];
  const random: RandomSource = (bytes) => {
    const buffer = seeded(bytes);
    drawn.push(buffer);
    return buffer;
  };
  proveRange({ context, values: [7n], blindings: [Buffer.alloc(32, 5)], bits: 8, random });
  expect(drawn).toHaveLength(2 + 2 * 8 + 2); // alpha, rho, s_L, s_R, tau_1, tau_2
  expect(drawn.every((buffer) => buffer.equals(Buffer.alloc(32)))).toBe(true);
});
