import { Invalid } from '@quorate/platform';
import { deriveChildKey } from './child-key';

/** BIP-32 test vector 2, whose first step is unhardened; and test vector 1 below its first hardened step. */
const vector2 = {
  publicKey: '0x03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7',
  chainCode: '0x60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689',
};
const vector1 = {
  publicKey: '0x035a784662a4a20a65bf6aab9ae98a6c068a81c52e4b032c0fb5400c706cfccc56',
  chainCode: '0x47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141',
};

test.each([
  [vector2, 'm/0', '0x02fc9e5af0ac8d9b3cecfe2a888e2117ba3d089d8585886c9c826b6b22a98d12ea'],
  [vector1, 'm/1', '0x03501e454bf00751f24b1b489aa925215d66af2234e3891c3b21a52bedb3cd711c'],
])('the vectors of BIP-32', (root, path, child) => {
  expect(deriveChildKey(root, path)).toBe(child);
});

test('no path, and m, are the root key', () => {
  expect([deriveChildKey(vector1), deriveChildKey(vector1, null), deriveChildKey(vector1, 'm')]).toEqual(
    Array(3).fill(vector1.publicKey),
  );
});

test('ten levels derive', () => {
  expect(deriveChildKey(vector1, `m${'/2147483647'.repeat(10)}`)).toMatch(/^0x0[23][0-9a-f]{64}$/);
});

test.each([
  ['a hardened path', vector1, "m/44'"],
  ['a point that is none', { ...vector1, publicKey: `0x02${'ff'.repeat(32)}` }, 'm/0'],
  ['an uncompressed key', { ...vector1, publicKey: `0x04${'00'.repeat(64)}` }, 'm/0'],
  ['a short chain code', { ...vector1, chainCode: '0x00' }, 'm/0'],
])('%s is Invalid', (_, root, path) => {
  expect(() => deriveChildKey(root, path)).toThrow(Invalid);
});
