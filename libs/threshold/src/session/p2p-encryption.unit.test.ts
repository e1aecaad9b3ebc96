import { decryptMessage, encryptMessage, ExchangeKey } from './p2p-encryption';
import { seededRandom } from '../testing/seeded-random';

const [alice, bob] = [new ExchangeKey(seededRandom('alice')), new ExchangeKey(seededRandom('bob'))];
const shared = alice.agree(bob.publicKey);
if (!shared) throw new Error('keys agree');
const context = {
  sid: Buffer.alloc(32, 1),
  from: 1,
  to: 2,
  round: 2,
  fromKey: alice.publicKey,
  toKey: bob.publicKey,
};
const header = Buffer.alloc(80, 3);
const plaintext = Buffer.from('a direct message');
const payload = Buffer.concat(encryptMessage(shared, context, header, plaintext));

describe('p2p encryption (2)', () => {
  test('both ends agree and decrypt; known answer', () => {
    expect(bob.agree(alice.publicKey)).toEqual(shared);
    expect(payload).toHaveLength(plaintext.length + 16);
    expect(decryptMessage(shared, context, header, payload)).toEqual(plaintext);
    expect(payload.toString('hex')).toMatchInlineSnapshot(
      `"f7fed37f6263e5224241d5aabed8f575edf2ef937da80d65a6c3df15552356a3"`,
    );
  });

  test.each([
    ['sid', { ...context, sid: Buffer.alloc(32) }],
    ['sender', { ...context, from: 3 }],
    ['receiver', { ...context, to: 3 }],
    ['round', { ...context, round: 3 }],
    ['key of the sender', { ...context, fromKey: bob.publicKey }],
    ['key of the receiver', { ...context, toKey: alice.publicKey }],
  ])('the key is bound to the %s', (_, other) => {
    expect(decryptMessage(shared, other, header, payload)).toBeUndefined();
  });

  test('header, ciphertext and tag are authenticated', () => {
    expect(decryptMessage(shared, context, Buffer.alloc(80), payload)).toBeUndefined();
    for (let at = 0; at < payload.length; at++) {
      const changed = Buffer.from(payload);
      changed[at] = changed.readUInt8(at) ^ 1;
      expect(decryptMessage(shared, context, header, changed)).toBeUndefined();
    }
    expect(decryptMessage(shared, context, header, payload.subarray(0, 10))).toBeUndefined();
  });

  test.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p', `ed${'ff'.repeat(30)}7f`],
  ])('a key of small order (%s) gives zero and is refused', (_, key) => {
    expect(alice.agree(Buffer.from(key, 'hex'))).toBeUndefined();
  });
});
