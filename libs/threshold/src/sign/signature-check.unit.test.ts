import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { parsePoint } from '../group/point';
import { Q, scalarToBytes } from '../group/scalar';
import { HALF_Q, recoverPublicKey, verifySignature } from './signature-check';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const secret = fc.bigInt(1n, Q - 1n).map(scalarToBytes);

/** noble's signature: r || s, low-s, and the recovery bit. */
function sign(key: Uint8Array, message32: Uint8Array): { signature: Buffer; yParity: 0 | 1 } {
  const recovered = secp256k1.sign(message32, key, { prehash: false, lowS: true, format: 'recovered' });
  return { signature: Buffer.from(recovered.subarray(1)), yParity: recovered[0] === 1 ? 1 : 0 };
}

const flip = (yParity: 0 | 1): 0 | 1 => (yParity === 0 ? 1 : 0);

test("the key of noble's signatures is recovered, and they verify under it", () => {
  fc.assert(
    fc.property(secret, bytes32, (key, message32) => {
      const { signature, yParity } = sign(key, message32);
      const expected = parsePoint(secp256k1.getPublicKey(key));
      expect(recoverPublicKey(signature, yParity, message32)).toEqual(expected);
      expect(expected && verifySignature(signature, message32, expected)).toBe(true);
      expect(recoverPublicKey(signature, flip(yParity), message32)).not.toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('what recovers to another key or to nothing is said to', () => {
  const key = Buffer.alloc(32, 5);
  const message32 = Buffer.alloc(32, 9);
  const { signature, yParity } = sign(key, message32);
  const expected = parsePoint(secp256k1.getPublicKey(key));
  const changed = Buffer.from(signature);
  changed.writeUInt8(changed.readUInt8(63) ^ 1, 63);
  expect(recoverPublicKey(changed, yParity, message32)).not.toEqual(expected);
  expect(recoverPublicKey(signature, yParity, Buffer.alloc(32))).not.toEqual(expected);

  const r = signature.subarray(0, 32);
  const s = BigInt(`0x${signature.toString('hex', 32)}`);
  const nothing: [Buffer, Buffer][] = [
    [r, scalarToBytes(Q - s)], // the same signature with a high s
    [r, scalarToBytes(HALF_Q + 1n)],
    [r, Buffer.alloc(32)],
    [r, Buffer.alloc(32, 0xff)],
    [Buffer.alloc(32), scalarToBytes(s)],
    [Buffer.alloc(32, 0xff), scalarToBytes(s)],
    [scalarToBytes(5n), scalarToBytes(s)], // no point of the curve has x = 5
  ];
  for (const [badR, badS] of nothing) {
    expect(recoverPublicKey(Buffer.concat([badR, badS]), flip(yParity), message32)).toBeUndefined();
    expect(recoverPublicKey(Buffer.concat([badR, badS]), yParity, message32)).toBeUndefined();
  }
  expect(recoverPublicKey(Buffer.concat([r, scalarToBytes(HALF_Q)]), yParity, message32)).toBeDefined();
  expect(recoverPublicKey(signature.subarray(1), yParity, message32)).toBeUndefined();
  expect(recoverPublicKey(signature, yParity, message32.subarray(1))).toBeUndefined();
});

test('of another length, or with r or s that is no scalar, nothing is a signature', () => {
  const key = Buffer.alloc(32, 5);
  const message32 = Buffer.alloc(32, 9);
  const { signature, yParity } = sign(key, message32);
  const publicKey = parsePoint(secp256k1.getPublicKey(key));
  if (publicKey === undefined) throw new Error('no point');
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  // What is longer begins with the right bytes.
  const longer = Buffer.concat([signature, Buffer.alloc(1)]);
  const longerMessage = Buffer.concat([message32, Buffer.alloc(1)]);
  const wrong: [Buffer, Buffer][] = [
    [longer, message32],
    [signature.subarray(0, 63), message32],
    [signature, longerMessage],
    [signature, message32.subarray(1)],
    [Buffer.concat([r, Buffer.alloc(32, 0xff)]), message32],
    [Buffer.concat([Buffer.alloc(32, 0xff), s]), message32],
    [Buffer.concat([r, Buffer.alloc(32)]), message32],
  ];
  for (const [badSignature, badMessage] of wrong) {
    expect(verifySignature(badSignature, badMessage, publicKey)).toBe(false);
    expect(recoverPublicKey(badSignature, yParity, badMessage)).toBeUndefined();
  }
});
