import { secp256k1 } from '@noble/curves/secp256k1.js';
import { computeAddress, recoverAddress } from 'ethers';
import { presign } from '../test/presign-harness';
import { seededRandom } from '../test/seeded-random';
import { dealKey } from '../test/trusted-dealer';
import { combineShares } from './combine';
import { onlineShare, type OnlineShare, type SigningRequest } from './online';
import { multiplyBase } from './point';
import { type PresignatureBatch } from './presignature';
import { mod } from './scalar';

const { secretKey, shares } = dealKey(2, 3, seededRandom('2-of-3'));
const publicKey = multiplyBase(secretKey);

function requestOf(committee: number[], tweak: bigint, message32: Buffer): SigningRequest {
  const child = { tweak, publicKey: multiplyBase(mod(secretKey + tweak)) };
  return { publicKey, child, message32, requestNonce: Buffer.alloc(32, 9), committee };
}

function sign(batches: ReadonlyMap<number, PresignatureBatch>, p: number, request: SigningRequest) {
  const online = new Map<number, OnlineShare>();
  let input: { presignatureId: Buffer; R: typeof publicKey } | undefined;
  for (const [index, { presignatures }] of batches) {
    const presignature = presignatures[p];
    if (!presignature) throw new RangeError('no presignature');
    const result = onlineShare(presignature, request);
    if (result.kind !== 'share') throw new RangeError('burnt');
    online.set(index, result.share);
    input = presignature;
  }
  if (!input) throw new RangeError('no parties');
  return combineShares({ presignatureId: input.presignatureId, R: input.R, request, shares: online });
}

describe('online and combine (section 8)', () => {
  it('signs under root and child keys; noble and ethers agree, also on the recovery bit', () => {
    const batches = presign(shares, [1, 3], 4, 'sign');
    [0n, 5n, 2n ** 200n, 1n].forEach((tweak, p) => {
      const request = requestOf([1, 3], tweak, seededRandom(`message ${p}`)(32));
      const { signature, r, s, yParity } = sign(batches, p, request);
      const options = { prehash: false };
      expect(secp256k1.verify(signature, request.message32, request.child.publicKey, options)).toBe(true);
      const hex = (bytes: Buffer) => `0x${bytes.toString('hex')}`;
      const recovered = recoverAddress(hex(request.message32), { r: hex(r), s: hex(s), yParity });
      expect(recovered).toBe(computeAddress(hex(request.child.publicKey)));
    });
  });
});
