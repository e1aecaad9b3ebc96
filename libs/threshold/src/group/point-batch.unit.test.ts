import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { kernelInstance } from '../multiplication/kernel/kernel-module';
import { seededRandom } from '../testing/seeded-random';
import {
  addPoints,
  coordinates,
  multiplyBase,
  multiplyPublic,
  negatePoint,
  parsePoint,
  type Point,
} from './point';
import { addEach, multiplyBaseEach, multiplySecretEach, parsePointEach, sumEach } from './point-batch';
import { mod, Q, randomScalar, scalarToBytes } from './scalar';

/** A cube root of 1 mod q. */
const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;
/** The last addition of multiplyBase meets two equal points. */
const DOUBLING_OF_BASE = mod(15n * 2n ** 253n);
/** An addition of multiplyPoints meets two opposite points. */
const OPPOSITE_OF_POINT = mod(14n * LAMBDA);

const EDGES = [
  ...[1n, 2n, 3n, 14n, 15n, 16n, 17n, 62n, 63n, 64n, 65n].flatMap((k) => [k, Q - k]),
  ...[Q / 2n, Q / 2n + 1n, LAMBDA, Q - LAMBDA, LAMBDA + 1n, mod(-LAMBDA * LAMBDA)],
  ...[64n, 127n, 128n, 129n, 252n, 253n, 255n].flatMap((bits) => [2n ** bits, 2n ** bits - 1n]),
  ...[DOUBLING_OF_BASE, Q - DOUBLING_OF_BASE, OPPOSITE_OF_POINT, Q - OPPOSITE_OF_POINT],
];
const random = seededRandom('point batch');
const scalars = [...EDGES, ...Array.from({ length: 300 }, () => randomScalar(random))];
const scalar = fc.bigInt({ min: 1n, max: Q - 1n });

const hexOf = (points: readonly (Point | undefined)[]) =>
  points.map((point) => point && `${point.toString('hex')} ${coordinates(point).toString('hex')}`);

describe('many points at a time', () => {
  it('multiples of G are those of libsecp256k1 and of noble, for edges and random scalars', () => {
    const products = multiplyBaseEach(scalars.map(scalarToBytes));
    expect(hexOf(products)).toEqual(hexOf(scalars.map(multiplyBase)));
    const nobles = EDGES.map((k) => secp256k1.Point.BASE.multiply(k).toHex(true));
    expect(products.slice(0, EDGES.length).map((point) => point.toString('hex'))).toEqual(nobles);
  });

  it('multiples of points are those of libsecp256k1', () => {
    const points = scalars.map((k) => multiplyBase(mod(k * k + 7n)));
    const products = multiplySecretEach(points.map((point, k) => [point, scalarToBytes(scalars[k] ?? 1n)]));
    expect(hexOf(products)).toEqual(hexOf(points.map((point, k) => multiplyPublic(point, scalars[k] ?? 1n))));
  });

  it.each([0, 1, 2, 3, 257])('%i of them', (count) => {
    const some = scalars.slice(-count, count === 0 ? 0 : undefined);
    const secrets = some.map(scalarToBytes);
    const products = some.map(multiplyBase);
    const squares = some.map((k) => multiplyBase(mod(k * k)));
    expect(multiplyBaseEach(secrets)).toEqual(products);
    expect(multiplySecretEach(products.map((point, k) => [point, secrets[k] ?? point]))).toEqual(squares);
    expect(addEach(products.map((point, k) => [point, squares[k] ?? point]))).toEqual(
      products.map((point, k) => addPoints(point, squares[k] ?? point)),
    );
    expect(parsePointEach(products)).toEqual(products);
  });

  it('any scalars', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const [point] = multiplyBaseEach([scalarToBytes(a)]);
        if (!point) throw new Error('one secret, one point');
        expect(hexOf(multiplySecretEach([[point, scalarToBytes(b)]]))).toEqual(
          hexOf([multiplyBase(mod(a * b))]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('a multiplier for which the formulas do not hold takes nothing from its neighbours', () => {
    const point = multiplyBase(5n);
    for (const exceptional of [DOUBLING_OF_BASE, OPPOSITE_OF_POINT]) {
      const factors = [2n, exceptional, 3n];
      expect(multiplyBaseEach(factors.map(scalarToBytes))).toEqual(factors.map(multiplyBase));
      expect(multiplySecretEach(factors.map((k) => [point, scalarToBytes(k)]))).toEqual(
        factors.map((k) => multiplyPublic(point, k)),
      );
    }
  });

  it('sums: of different, equal and opposite points', () => {
    const [a, b] = [multiplyBase(5n), multiplyBase(Q - 9n)];
    expect(hexOf(addEach([[a, b], [b, a]]))).toEqual(hexOf([addPoints(a, b), addPoints(a, b)])); // prettier-ignore
    expect(addEach([[a, b], [a, a], [a, negatePoint(a)]])).toEqual([addPoints(a, b), multiplyBase(10n), undefined]); // prettier-ignore
  });

  it('sums of lists, also where a part of one is the identity', () => {
    const [a, b, c] = [multiplyBase(5n), multiplyBase(Q - 9n), multiplyBase(21n)];
    const lists = [[a, b, c], [c, a, a], [a, negatePoint(a), b]]; // prettier-ignore
    expect(sumEach(lists)).toEqual(lists.map((list) => addPoints(...list)));
    expect(sumEach([[a, b], [c, negatePoint(c)]])).toEqual([addPoints(a, b), undefined]); // prettier-ignore
    expect(sumEach([[a], [b]])).toEqual([a, b]);
    expect(sumEach([])).toEqual([]);
  });

  it('parsing: what parsePoint takes, and nothing else', () => {
    const p = 2n ** 256n - 2n ** 32n - 977n;
    const x = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
    const encodings = [
      ...Array.from({ length: 40 }, () => random(33)),
      ...Array.from({ length: 40 }, (_, k) => Buffer.concat([Buffer.of(2 + (k & 1)), random(32)])),
      ...[0n, 1n, 2n, p - 1n, p, p + 1n, p + 2n, 2n ** 256n - 1n].map((value) =>
        Buffer.concat([Buffer.of(2), x(value)]),
      ),
      ...[0, 1, 4, 6, 7].map((prefix) => Buffer.concat([Buffer.of(prefix), multiplyBase(2n).subarray(1)])),
      Buffer.concat([Buffer.of(4), coordinates(multiplyBase(2n))]),
      Buffer.alloc(0),
      Buffer.alloc(32, 2),
    ];
    const parsed = parsePointEach(encodings);
    expect(hexOf(parsed)).toEqual(hexOf(encodings.map(parsePoint)));
    expect(parsed.filter((point) => point !== undefined).length).toBeGreaterThan(15);
  });

  it.each([0n, Q, Q + 1n, 2n ** 256n - 1n])('a secret of %i is refused', (value) => {
    const bad = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
    expect(() => multiplyBaseEach([scalarToBytes(1n), bad])).toThrow(InvalidInput);
    expect(() => multiplySecretEach([[multiplyBase(1n), bad]])).toThrow(InvalidInput);
  });

  it('leaves nothing in the kernel, also after an error', () => {
    const { at, memory } = kernelInstance();
    const isWiped = () => memory.subarray(at.CURVE_SCALARS, at.CURVE_END).every((byte) => byte === 0);
    const [point, secret] = [multiplyBase(3n), scalarToBytes(77n)];
    const calls = [
      () => multiplyBaseEach([secret]),
      () => multiplySecretEach([[point, secret]]),
      () => expect(() => multiplyBaseEach([secret, Buffer.alloc(32)])).toThrow(InvalidInput),
    ];
    for (const call of calls) {
      call();
      expect(isWiped()).toBe(true);
    }
  });
});
