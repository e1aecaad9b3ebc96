import { HDNodeWallet } from 'ethers';
import fc from 'fast-check';
import { ChildKeyCache, deriveChild, formatPath, parsePath } from './bip32';
import { InvalidInput } from '../errors';
import { parsePoint, type Point, tweakAdd } from '../group/point';

const hex = (text: string) => Buffer.from(text, 'hex');

function point(text: string): Point {
  const parsed = parsePoint(hex(text));
  if (!parsed) throw new Error('not a point');
  return parsed;
}

// BIP32, test vector 2, chains m and m/0
const root = point('03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7');
const chainCode = hex('60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689');

describe('BIP32 (12)', () => {
  test('test vector 2 of BIP32, chain m/0', () => {
    const child = deriveChild(root, chainCode, [0]);
    expect(child.publicKey.toString('hex')).toBe(
      '02fc9e5af0ac8d9b3cecfe2a888e2117ba3d089d8585886c9c826b6b22a98d12ea',
    );
    expect(child.chainCode.toString('hex')).toBe(
      'f0909affaa7ee7abe5dd4e100598d4dc53cd709d5a5c2cac40e7412f232f7c9c',
    );
  });

  test('agrees with ethers, and publicKey = root + tweak*G', () => {
    const seed = Buffer.alloc(64, 5);
    const wallet = HDNodeWallet.fromSeed(seed).neuter();
    const parent = point(wallet.publicKey.slice(2));
    const chain = hex(wallet.chainCode.slice(2));
    const path = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, (indices) => {
        const child = deriveChild(parent, chain, indices);
        const expected = wallet.derivePath(indices.join('/'));
        expect(`0x${child.publicKey.toString('hex')}`).toBe(expected.publicKey);
        expect(`0x${child.chainCode.toString('hex')}`).toBe(expected.chainCode);
        expect(tweakAdd(parent, child.tweak)).toEqual(child.publicKey);
      }),
      { numRuns: 10 },
    );
  });

  test('the root path has tweak 0', () => {
    expect(deriveChild(root, chainCode, [])).toEqual({ tweak: 0n, publicKey: root, chainCode });
  });

  test('paths', () => {
    expect(parsePath('m')).toEqual([]);
    expect(parsePath('m/44/60/0')).toEqual([44, 60, 0]);
    expect(parsePath('m/2147483647')).toEqual([2147483647]);
    expect(formatPath([44, 60, 0])).toBe('m/44/60/0');
    expect(() => parsePath("m/44'/60")).toThrow('hardened derivation needs the private key');
    expect(() => parsePath('m/2147483648')).toThrow('hardened derivation needs the private key');
    for (const bad of [
      '',
      'M',
      '/0',
      'm/',
      'm//1',
      'm/01',
      'm/-1',
      'm/+1',
      'm/1.0',
      'm/0x1',
      'm/ 1',
      'm/99999999999',
    ]) {
      expect(() => parsePath(bad)).toThrow(InvalidInput);
    }
    expect(() => parsePath(`m${'/1'.repeat(11)}`)).toThrow('at most 10 levels');
    expect(() => parsePath(`m${'/1'.repeat(10_000)}`)).toThrow(InvalidInput);
    expect(() => deriveChild(root, chainCode, [2 ** 31])).toThrow(InvalidInput);
    expect(() => deriveChild(root, chainCode, [0.5])).toThrow(InvalidInput);
  });

  test('any text parses or is invalid input', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(formatPath(parsePath(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
        }
      }),
    );
  });

  test('the cache derives once and forgets the oldest', () => {
    const cache = new ChildKeyCache(root, chainCode, 2);
    const first = cache.derive([1]);
    expect(first).toEqual(deriveChild(root, chainCode, [1]));
    expect(cache.derive([1])).toBe(first);
    cache.derive([2]);
    cache.derive([3]);
    expect(cache.derive([1])).not.toBe(first);
  });
});
