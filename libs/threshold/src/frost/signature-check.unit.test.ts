import { schnorr } from '@noble/curves/secp256k1.js';
import { bytesToInteger, mod } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';
import { ciphersuite, isOdd, scalarBytes } from './ciphersuite';
import { verifySchnorrSignature } from './signature-check';

const suite = ciphersuite(4);
const { group } = suite;
const random = seededRandom('bip340');
const message = Buffer.from('message');

/** A pair whose point has that parity. */
function pair(odd: boolean): { secret: Buffer; point: ReturnType<typeof group.multiplyBase> } {
  for (;;) {
    const secret = group.randomScalar(random);
    const point = group.multiplyBase(secret);
    if (isOdd(point) === odd) return { secret, point };
  }
}

describe('Verify of BIP-340', () => {
  it.each([false, true])('accepts exactly a nonce point of even y, as noble does: odd %s', (odd) => {
    const key = pair(false);
    const nonce = pair(odd);
    const e = suite.challenge(nonce.point, key.point, message);
    const s = mod(bytesToInteger(nonce.secret) + e * bytesToInteger(key.secret), group.order);
    const signature = Buffer.concat([nonce.point.subarray(1), scalarBytes(s)]);
    expect(verifySchnorrSignature(4, signature, message, key.point)).toBe(!odd);
    expect(schnorr.verify(signature, message, key.point.subarray(1))).toBe(!odd);
  });

  it("noble's signatures verify under either point of the x-only key", () => {
    for (const odd of [false, true]) {
      const { secret, point } = pair(odd);
      const signature = schnorr.sign(message, secret, Buffer.alloc(32));
      expect(verifySchnorrSignature(4, signature, message, point)).toBe(true);
      expect(verifySchnorrSignature(4, signature, message, group.negatePoint(point))).toBe(true);
    }
  });

  it('refuses s = 0, s = order, and an r that is no x of a point', () => {
    const { secret, point } = pair(false);
    const signature = Buffer.from(schnorr.sign(message, secret, Buffer.alloc(32)));
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    for (const wrong of [
      Buffer.concat([r, Buffer.alloc(32)]),
      Buffer.concat([r, scalarBytes(group.order)]),
      Buffer.concat([Buffer.alloc(32, 0xff), s]),
    ]) {
      expect(verifySchnorrSignature(4, wrong, message, point)).toBe(false);
    }
  });
});
