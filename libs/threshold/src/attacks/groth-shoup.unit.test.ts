/** Presignatures with additive derivation and digests that a requester chooses (threats 2; ePrint 2021/1330; section 11.2). */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { multiplyBase, type Point } from '../group/point';
import { bytesToInteger, invert, mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { type PresignatureBatch } from '../presign/presignature';
import { rerandomise } from '../sign/online';
import { presign } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { copyPresignatures, requestFor, signWith } from '../testing/signing-harness';
import { dealKey } from '../testing/trusted-dealer';

const { secretKey, shares } = dealKey(2, 2, seededRandom('key'));
const stock = presign(shares, [1, 2], 2, 'stock');
const [tweak, targetTweak] = [11n, 222n];
const target = seededRandom('the transaction that nobody may sign')(32);
const childOf = (e: bigint): Point => multiplyBase(mod(secretKey + e));

/** The nonce point of a presignature is public before a request exists. */
const publicR = bytesToInteger(stock.get(1)?.presignatures[0]?.R.subarray(1) ?? Buffer.alloc(0));

/** h = h* + r * (e* - e): a signature (r, s) on h under e is one on h* under e*. */
function digestFor(r: bigint): Buffer {
  return scalarToBytes(mod(bytesToInteger(target) + r * (targetTweak - tweak)));
}

/** What signers without re-randomisation would compute. */
function signPlainly(batches: ReadonlyMap<number, PresignatureBatch>, digest: Buffer, e: bigint): Buffer {
  let [u, w] = [0n, 0n];
  for (const { presignatures } of batches.values()) {
    const [share] = presignatures;
    if (!share) throw new RangeError('no presignature');
    const [phi, v] = [scalarFromBytes(share.phi), scalarFromBytes(share.v)];
    u += scalarFromBytes(share.u);
    w += bytesToInteger(digest) * phi + mod(publicR) * (v + e * phi);
  }
  return Buffer.concat([scalarToBytes(mod(publicR)), scalarToBytes(mod(w * invert(mod(u))))]);
}

const verifies = (signature: Uint8Array, digest: Uint8Array, key: Point) =>
  secp256k1.verify(signature, digest, key, { prehash: false, lowS: false });

describe('Groth-Shoup relation on raw digests (section 11.2)', () => {
  it('without re-randomisation: the signature on a harmless digest is a forgery for another message and another child', () => {
    const asked = digestFor(publicR);
    const signature = signPlainly(stock, asked, tweak);
    expect(verifies(signature, asked, childOf(tweak))).toBe(true);
    expect(asked.equals(target)).toBe(false);
    expect(verifies(signature, target, childOf(targetTweak))).toBe(true);
  });

  it('with delta: the same request gives a signature on what was asked, and on nothing else', () => {
    const request = requestFor(secretKey, [1, 2], digestFor(publicR), tweak);
    const { signature } = signWith(copyPresignatures(stock, 0), request);
    expect(verifies(signature, request.message32, childOf(tweak))).toBe(true);
    expect(verifies(signature, target, childOf(targetTweak))).toBe(false);
  });

  it("with delta: a requester that aims at the r' of its request changes r' with it, and never catches up", () => {
    const signers = copyPresignatures(stock, 1);
    const any = signers.get(1);
    if (!any) throw new RangeError('no presignature');
    const rOf = (digest: Buffer) =>
      rerandomise(any.presignatureId, any.R, requestFor(secretKey, [1, 2], digest, tweak))?.r ?? 0n;
    let digest = digestFor(bytesToInteger(any.R.subarray(1)));
    for (let round = 0; round < 50; round++) {
      const next = digestFor(rOf(digest));
      expect(next.equals(digest)).toBe(false);
      digest = next;
    }
    const { signature } = signWith(signers, requestFor(secretKey, [1, 2], digest, tweak));
    expect(verifies(signature, target, childOf(targetTweak))).toBe(false);
  });
});
