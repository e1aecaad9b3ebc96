import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { ed25519PublicKey, ed25519Signer, ed25519Verify } from './frame-signature';

// RFC 8032, section 7.1, TEST 3
const seed = 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7';
const point = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
const signatureOfAf82 =
  '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a';

const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const publicKey = ed25519PublicKey(Buffer.from(point, 'hex'));
const signer = ed25519Signer(privateKey);

describe('frame signatures (2)', () => {
  test('RFC 8032, test 3', () => {
    const message = Buffer.from('af82', 'hex');
    expect(signer(message).toString('hex')).toBe(signatureOfAf82);
    expect(ed25519Verify(message, publicKey, Buffer.from(signatureOfAf82, 'hex'))).toBe(true);
  });

  test('the length of a frame does not change its signature, nor who accepts it', () => {
    for (const length of [200, 16_383, 16_384, 65_535, 65_536, 200_000]) {
      const message = Buffer.alloc(length, length & 0xff);
      const signature = signer(message);
      expect(signature).toEqual(sign(null, message, privateKey));
      expect(verify(null, message, createPublicKey(privateKey), signature)).toBe(true);
      expect(ed25519Verify(message, publicKey, signature)).toBe(true);
      message.writeUInt8(1 ^ message.readUInt8(length - 1), length - 1);
      expect(ed25519Verify(message, publicKey, signature)).toBe(false);
    }
  });

  test.each([1000, 100_000])('a public key that is no point verifies nothing (%i bytes)', (length) => {
    const key = ed25519PublicKey(Buffer.alloc(32, 2));
    expect(ed25519Verify(Buffer.alloc(length), key, Buffer.alloc(64))).toBe(false);
  });
});
