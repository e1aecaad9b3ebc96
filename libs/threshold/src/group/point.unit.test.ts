import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { InvalidInput } from '../errors';
import {
  addPoints,
  coordinates,
  multiplyBase,
  multiplyPublic,
  multiplySecret,
  negatePoint,
  parsePoint,
  type Point,
  selectPoint,
  tweakAdd,
  wipePoint,
} from './point';
import { mod, Q, scalarToBytes } from './scalar';

const scalar = fc.oneof(fc.constantFrom(1n, 2n, Q - 1n), fc.bigInt(1n, Q - 1n));
const noble = (x: bigint) => secp256k1.Point.BASE.multiply(x);
const hexOf = (point: Point | undefined) => point?.toString('hex');

describe('points (1, 15)', () => {
  test('agree with @noble/curves', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const point = multiplyBase(a);
        expect(hexOf(point)).toBe(noble(a).toHex(true));
        const product = noble(a).multiply(b).toHex(true);
        expect(hexOf(multiplySecret(point, b))).toBe(product);
        expect(hexOf(multiplySecret(point, scalarToBytes(b)))).toBe(product);
        expect(hexOf(multiplyPublic(point, b))).toBe(product);
        expect(hexOf(negatePoint(point))).toBe(noble(a).negate().toHex(true));
        expect(`04${coordinates(point).toString('hex')}`).toBe(noble(a).toHex(false));
        const sum = mod(a + b) === 0n ? undefined : noble(mod(a + b)).toHex(true);
        expect(hexOf(addPoints(point, multiplyBase(b)))).toBe(sum);
        expect(hexOf(tweakAdd(point, b))).toBe(sum);
      }),
      { numRuns: 20 },
    );
  });

  test('the identity is undefined', () => {
    const point = multiplyBase(7n);
    expect(addPoints(point, negatePoint(point))).toBeUndefined();
    expect(tweakAdd(point, -7n)).toBeUndefined();
    expect(addPoints()).toBeUndefined();
    expect(tweakAdd(point, 0n)).toEqual(point);
    expect(() => multiplyPublic(point, Q)).toThrow(InvalidInput);
  });

  test('secret scalars are in [1, q)', () => {
    for (const bad of [0n, Q, -1n, Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(31, 1)]) {
      expect(() => multiplyBase(bad)).toThrow(InvalidInput);
      expect(() => multiplySecret(multiplyBase(1n), bad)).toThrow(InvalidInput);
    }
  });

  test('only compressed points on the curve parse', () => {
    const point = multiplyBase(5n);
    const uncompressed = Buffer.from(noble(5n).toBytes(false));
    const hybrid = Buffer.from(uncompressed);
    hybrid[0] = 6 | (uncompressed.readUInt8(64) & 1);
    const withPrefix = (prefix: number) => Buffer.concat([Buffer.from([prefix]), point.subarray(1)]);
    const withX = (x: string) => Buffer.from(`02${x}`, 'hex');
    const fieldPrime = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f';
    const bad = [
      uncompressed,
      hybrid,
      withPrefix(0),
      withPrefix(4),
      withPrefix(6),
      withX(fieldPrime),
      withX('f'.repeat(64)),
      withX('5'.padStart(64, '0')), // x = 5 is on no point
      Buffer.alloc(33),
      Buffer.alloc(0),
      point.subarray(0, 32),
    ];
    expect(bad.map((bytes) => parsePoint(bytes))).toEqual(bad.map(() => undefined));
    expect(parsePoint(point)).toEqual(point);
  });

  test('a secret bit selects one of two points; a wiped point has no coordinates left', () => {
    const [one, zero] = [multiplyBase(3n), negatePoint(multiplyBase(4n))];
    for (const [bit, expected] of [
      [1, one],
      [0, zero],
    ] as const) {
      const selected = selectPoint(bit, one, zero);
      expect(selected).toEqual(expected);
      expect(coordinates(selected)).toEqual(coordinates(expected));
      expect(multiplySecret(selected, 5n)).toEqual(multiplyPublic(expected, 5n));
      wipePoint(selected);
      expect(selected).toEqual(Buffer.alloc(33));
      expect(coordinates(selected)).toEqual(Buffer.alloc(64));
    }
    expect([one, zero]).toEqual([multiplyBase(3n), negatePoint(multiplyBase(4n))]);
  });

  test('parsing copies', () => {
    const bytes = Buffer.from(multiplyBase(5n));
    const point = parsePoint(bytes);
    bytes.fill(0);
    expect(point).toEqual(multiplyBase(5n));
  });
});
