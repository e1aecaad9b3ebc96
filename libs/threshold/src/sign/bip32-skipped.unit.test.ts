/** Indices that BIP32 skips (probability 2^-127), with a mock of HMAC-SHA512 (specification sections 12 and 16). */
import { InvalidInput } from '../errors';
import { multiplyBase } from '../group/point';
import { Q, scalarToBytes } from '../group/scalar';
import { ChildKeyCache, deriveChild } from './bip32';

let left: Buffer | undefined;
jest.mock('node:crypto', () => {
  const real = jest.requireActual<Record<string, unknown> & { createHmac: (...parts: unknown[]) => unknown }>(
    'node:crypto',
  );
  const mocked = {
    update: () => mocked,
    digest: () => Buffer.concat([left ?? Buffer.alloc(0), Buffer.alloc(32, 1)]),
  };
  return { ...real, createHmac: (...parts: unknown[]) => (left ? mocked : real.createHmac(...parts)) };
});
afterEach(() => (left = undefined));

const parent = multiplyBase(5n);
const chainCode = Buffer.alloc(32, 7);
const derive = (value: bigint) => {
  left = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
  return deriveChild(parent, chainCode, [3]);
};

test.each([
  ['IL = q', Q],
  ['IL = q + 1', Q + 1n],
  ['IL = 2^256 - 1', 2n ** 256n - 1n],
])('%s -> the index is skipped', (_, value) => {
  expect(() => derive(value)).toThrow(InvalidInput);
  expect(() => derive(value)).toThrow('BIP32 skips index 3');
});

test('child key = identity (IL = -x) -> the index is skipped', () => {
  expect(() => derive(Q - 5n)).toThrow('BIP32 skips index 3');
});

test('IL = q - 1 is a key like any other', () => {
  expect(derive(Q - 1n).publicKey).toEqual(multiplyBase(4n));
});

test('a skipped index is not remembered by the cache', () => {
  const cache = new ChildKeyCache(parent, chainCode);
  left = scalarToBytes(1n).fill(0xff);
  expect(() => cache.derive([3])).toThrow(InvalidInput);
  left = undefined;
  expect(cache.derive([3])).toEqual(deriveChild(parent, chainCode, [3]));
});
