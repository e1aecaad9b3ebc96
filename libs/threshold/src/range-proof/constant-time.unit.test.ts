import type * as Addon from 'secp256k1/bindings';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { addPoints, multiplyBase, negatePoint } from '../group/point';
import { mod, Q, randomScalarBytes, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';
import type * as Module from './range-proof';
import { SecretScalars, select } from './secret-scalars';
import { secretSum, uncompressed } from './secret-sum';

const scalar = fc.bigInt(1n, Q - 1n);
const random = seededRandom('constant time');

describe('the sum of products', () => {
  test('agrees with @noble/curves', () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (a, b, c) => {
        const [point, other] = [multiplyBase(b), multiplyBase(c)];
        const expected = secp256k1.Point.BASE.multiply(mod(a * b + b * c + c)).toHex(true);
        const terms = [
          { point, scalar: scalarToBytes(a) },
          { point: other, scalar: scalarToBytes(b) },
        ];
        expect(secretSum(terms, [other]).toString('hex')).toBe(expected);
        expect(secretSum(terms, [uncompressed(other)]).toString('hex')).toBe(expected);
      }),
      { numRuns: 10 },
    );
  });

  test('takes equal and opposite points as any others', () => {
    const point = multiplyBase(9n);
    const term = { point, scalar: scalarToBytes(3n) };
    expect(secretSum([term, term])).toEqual(multiplyBase(54n));
    expect(secretSum([term], [negatePoint(multiplyBase(27n)), point])).toEqual(point);
    expect(() => secretSum([term], [negatePoint(multiplyBase(27n))])).toThrow('not valid');
    expect(() => secretSum([{ point, scalar: Buffer.alloc(32) }])).toThrow('invalid');
  });

  test('leaves its operands alone', () => {
    const [point, factor] = [multiplyBase(9n), randomScalarBytes(random)];
    const [pointBefore, factorBefore] = [Buffer.from(point), Buffer.from(factor)];
    secretSum([{ point, scalar: factor }], [uncompressed(point)]);
    expect([point, factor]).toEqual([pointBefore, factorBefore]);
    expect(secretSum([{ point, scalar: scalarToBytes(1n) }], [point])).toEqual(addPoints(point, point));
  });
});

describe('secret scalars', () => {
  test('compute modulo q', () => {
    const scalars = new SecretScalars(random);
    fc.assert(
      fc.property(fc.array(fc.tuple(scalar, scalar), { minLength: 1, maxLength: 5 }), (pairs) => {
        const expected = mod(pairs.reduce((sum, [a, b]) => sum + a * b, 0n));
        fc.pre(expected !== 0n);
        const left = pairs.map(([a]) => scalarToBytes(a));
        const right = pairs.map(([, b]) => scalarToBytes(b));
        expect(scalarFromBytes(scalars.innerProduct(left, right))).toBe(expected);
      }),
    );
  });

  test('are wiped together', () => {
    const scalars = new SecretScalars(random);
    const [a, b] = [scalars.draw(), scalars.draw()];
    const results = [a, b, scalars.add(a, b), scalars.multiply(a, b), scalars.select(1, a, b)];
    expect(results.some((bytes) => bytes.equals(Buffer.alloc(32)))).toBe(false);
    scalars.wipe();
    expect(results).toEqual(results.map(() => Buffer.alloc(32)));
  });

  test('are selected by a bit', () => {
    const [one, zero] = [random(65), random(65)];
    expect(select(1, one, zero)).toEqual(one);
    expect(select(0, one, zero)).toEqual(zero);
    expect(select(0, one, zero)).not.toBe(zero);
  });
});

describe('the prover', () => {
  type Call = { readonly name: string; readonly sizes: string; readonly result: unknown };

  /** Every call into the curve library of one proof. */
  function callsOf(values: readonly bigint[], seed: string): Call[] {
    jest.resetModules();
    const calls: Call[] = [];
    const addon = jest.requireActual<typeof Addon>('secp256k1/bindings');
    const sizeOf = (argument: unknown): unknown =>
      Array.isArray(argument) ? argument.map(sizeOf) : argument instanceof Uint8Array && argument.length;
    const spied = new Proxy(addon, {
      get: (target, property) => {
        const call: unknown = Reflect.get(target, property);
        if (typeof call !== 'function') return call;
        return (...parts: unknown[]): unknown => {
          const result: unknown = Reflect.apply(call, undefined, parts);
          calls.push({ name: String(property), sizes: parts.map(sizeOf).join(), result });
          return result;
        };
      },
    });
    jest.doMock('secp256k1/bindings', () => spied);
    const { proveRange, verifyRange } = jest.requireActual<typeof Module>('./range-proof');
    const seeded = seededRandom(seed);
    const blindings = values.map(() => randomScalarBytes(seeded));
    const context = Buffer.alloc(0);
    const prove = () => proveRange({ context, values, blindings, bits: 8, random: seeded });
    prove(); // derives the generators
    calls.length = 0;
    const { commitments, proof } = prove();
    const proving = [...calls];
    expect(verifyRange({ context, commitments, bits: 8, proof })).toBe(true);
    jest.dontMock('secp256k1/bindings');
    return proving;
  }

  test('makes the same calls whatever the values and the blindings are', () => {
    const traceOf = (values: readonly bigint[], seed: string) =>
      callsOf(values, seed).map(({ name, sizes }) => `${name}(${sizes})`);
    const trace = traceOf([0n, 0n], 'a');
    expect(trace.length).toBeGreaterThan(500);
    expect(traceOf([255n, 255n], 'b')).toEqual(trace);
    expect(traceOf([1n, 128n], 'c')).toEqual(trace);
  });

  test('multiplies points by Diffie-Hellman (ecmult_const) alone, never in variable time', () => {
    const names = callsOf([19n], 'names').map(({ name }) => name);
    expect(names.filter((name) => name === 'ecdh').length).toBeGreaterThan(2 * 8);
    expect(names.filter((name) => name.startsWith('publicKeyTweak'))).toEqual([]);
  });

  test('wipes the bits and all intermediate scalars and products', () => {
    const allocated: Buffer[] = [];
    const alloc = Buffer.alloc.bind(Buffer);
    const spy = jest.spyOn(Buffer, 'alloc').mockImplementation((...parts: Parameters<typeof alloc>) => {
      const buffer = alloc(...parts);
      allocated.push(buffer);
      return buffer;
    });
    const calls = callsOf([200n], 'wipes');
    spy.mockRestore();
    const computed = ['privateKeyTweakAdd', 'privateKeyTweakMul', 'ecdh'];
    const results = calls.filter(({ name }) => computed.includes(name)).map(({ result }) => result);
    const secrets = [...results, ...allocated.filter(({ length }) => length !== 33)];
    expect(secrets.length).toBeGreaterThan(300);
    const left = secrets.filter(
      (bytes) => !(bytes instanceof Uint8Array) || bytes.some((byte) => byte !== 0),
    );
    expect(left).toEqual([]);
  });
});
