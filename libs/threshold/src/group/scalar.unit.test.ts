import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { HS } from '../hash';
import {
  addScalarBytes,
  invert,
  mod,
  multiplyScalarBytes,
  parseScalar,
  Q,
  randomScalar,
  randomScalarBytes,
  scalarFromBytes,
  scalarToBytes,
  secretScalarHash,
} from './scalar';
import { seededRandom } from '../testing/seeded-random';

const scalar = fc.oneof(fc.constantFrom(1n, 2n, Q - 1n, Q - 2n), fc.bigInt(1n, Q - 1n));

describe('scalars (1)', () => {
  test('encode to 32 bytes big-endian and back', () => {
    expect(scalarToBytes(1n).toString('hex')).toBe('1'.padStart(64, '0'));
    fc.assert(fc.property(scalar, (x) => expect(scalarFromBytes(scalarToBytes(x))).toBe(x)));
  });

  test('hashes of secrets are those of public values, without BigInt', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (bytes, n) => {
        expect(scalarFromBytes(secretScalarHash('pre/r', bytes, n))).toBe(HS('pre/r', bytes, n));
      }),
    );
  });

  test('only canonical encodings parse', () => {
    const q = Buffer.from(Q.toString(16), 'hex');
    expect(parseScalar(q)).toBeUndefined();
    expect(parseScalar(Buffer.alloc(32, 0xff))).toBeUndefined();
    expect(parseScalar(Buffer.alloc(31))).toBeUndefined();
    expect(parseScalar(Buffer.alloc(33))).toBeUndefined();
    expect(parseScalar(Buffer.alloc(32))).toBe(0n);
    expect(() => scalarFromBytes(q)).toThrow(InvalidInput);
    expect(() => scalarToBytes(Q)).toThrow(InvalidInput);
    expect(() => scalarToBytes(-1n)).toThrow(InvalidInput);
  });

  test('native sums and products agree with BigInt and leave their arguments alone', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        fc.pre(mod(a + b) !== 0n);
        const [x, y] = [scalarToBytes(a), scalarToBytes(b)];
        expect(scalarFromBytes(addScalarBytes(x, y))).toBe(mod(a + b));
        expect(scalarFromBytes(multiplyScalarBytes(x, y))).toBe(mod(a * b));
        expect([scalarFromBytes(x), scalarFromBytes(y)]).toEqual([a, b]);
      }),
    );
  });

  test('invert', () => {
    fc.assert(fc.property(scalar, (x) => expect(mod(x * invert(x))).toBe(1n)));
    const sparse = fc
      .tuple(fc.bigInt(0n, 255n), fc.bigInt(-3n, 3n))
      .map(([k, small]) => mod(2n ** k + small));
    const ofLargeQuotient = fc.bigInt(1n, 2n ** 130n).map((divisor) => Q / divisor);
    const small = fc.bigInt(1n, 2n ** 60n);
    fc.assert(
      fc.property(fc.oneof(sparse, ofLargeQuotient, small), (x) => {
        fc.pre(mod(x) !== 0n);
        expect(mod(x * invert(x))).toBe(1n);
        expect(mod(x * invert(-x))).toBe(Q - 1n);
      }),
      { numRuns: 1000 },
    );
    expect(() => invert(Q)).toThrow(InvalidInput);
  });

  test('random scalars reject zero and q and above', () => {
    const draws = [Buffer.alloc(32), Buffer.alloc(32, 0xff), scalarToBytes(5n)];
    const random = () => draws.shift() ?? Buffer.alloc(32);
    expect(randomScalar(random)).toBe(5n);
    expect(draws).toHaveLength(0);
    expect(randomScalarBytes(seededRandom('scalar'))).toHaveLength(32);
  });
});
