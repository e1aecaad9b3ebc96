/** Signatures and child keys against other implementations and published vectors (specification section 16, online). */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { HDNodeWallet } from 'ethers';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { coordinates, multiplyBase, parsePoint, type Point } from '../group/point';
import { invert, mod, Q, scalarFromBytes } from '../group/scalar';
import { presign } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { combined, copyPresignatures, onlineShares, requestFor } from '../testing/signing-harness';
import { dealKey } from '../testing/trusted-dealer';
import { deriveChild } from './bip32';
import { rerandomise } from './online';
import { recoverPublicKey, verifySignature } from './signature-check';

const { secretKey, shares } = dealKey(2, 2, seededRandom('cross'));
const stock = presign(shares, [1, 2], 1, 'stock');

/** Signatures of one presignature on many messages, as only a test may make them, with what the combiner normalises. */
const signed = Array.from({ length: 24 }, (_, k) => {
  const message = seededRandom(`m${k}`)(32);
  const request = requestFor(secretKey, [1, 2], message, BigInt(k));
  const signers = copyPresignatures(stock, 0);
  const [any] = [...signers.values()];
  const online = onlineShares(signers, request);
  const { signature, s, yParity } = combined(signers, request, online);
  const [u, w] = (['u', 'w'] as const).map((field) =>
    mod([...online.values()].reduce((sum, share) => sum + scalarFromBytes(share[field]), 0n)),
  );
  const quotient = mod((w ?? 0n) * invert(u ?? 0n));
  const nonce = any && rerandomise(any.presignatureId, any.R, request)?.rPrime;
  if (!nonce) throw new RangeError('burnt');
  return {
    message,
    key: request.child.publicKey,
    signature,
    s: scalarFromBytes(s),
    yParity,
    quotient,
    nonce,
  };
});

describe('high-s -> normalised with recid flip', () => {
  it.each([
    [false, 'low'],
    [true, 'high'],
  ])('s high: %s', (isHigh) => {
    const cases = signed.filter(({ quotient }) => quotient > Q / 2n === isHigh);
    expect(new Set(cases.map(({ nonce }) => nonce[0]))).toEqual(new Set([2, 3])); // both parities of R'
    for (const { s, quotient, nonce, yParity } of cases) {
      expect(s).toBe(isHigh ? Q - quotient : quotient);
      const parity = nonce[0] === 3 ? 1 : 0;
      expect(yParity).toBe(isHigh ? 1 - parity : parity);
    }
  });
});

describe('recid equality with recover for both parities', () => {
  it('libsecp256k1 and noble recover the child key with our bit, and another key with the other', () => {
    for (const { signature, yParity, message, key } of signed) {
      expect(recoverPublicKey(signature, yParity, message)).toEqual(key);
      expect(recoverPublicKey(signature, yParity === 0 ? 1 : 0, message)).not.toEqual(key);
      const recovered = secp256k1.recoverPublicKey(Buffer.concat([Buffer.of(yParity), signature]), message, {
        prehash: false,
      });
      expect(Buffer.from(recovered)).toEqual(Buffer.from(key));
    }
    expect(new Set(signed.map(({ yParity }) => yParity))).toEqual(new Set([0, 1]));
  });
});

/** DER of an EC public key on secp256k1 (RFC 5480), up to the uncompressed point. */
const SPKI = Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex');

describe('cross-verification', () => {
  it('noble and libsecp256k1 accept every signature, and none for another digest', () => {
    for (const { signature, message, key } of signed) {
      expect(secp256k1.verify(signature, message, key, { prehash: false, lowS: true })).toBe(true);
      expect(verifySignature(signature, message, key)).toBe(true);
      expect(verifySignature(signature, Buffer.alloc(32, 1), key)).toBe(false);
    }
  });

  it('OpenSSL accepts a signature over a SHA-256 digest', () => {
    const text = Buffer.from('a message');
    const request = requestFor(secretKey, [1, 2], sha256Of(text));
    const signers = copyPresignatures(stock, 0);
    const { signature } = combined(signers, request, onlineShares(signers, request));
    const der = Buffer.concat([SPKI, Buffer.of(4), coordinates(request.child.publicKey)]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    expect(verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('b message'), { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(
      false,
    );
  });

  // Bitcoin: the deterministic signatures of private key 1 and q - 1 on SHA-256 digests (RFC 6979 on secp256k1).
  it.each([
    [
      1n,
      'Satoshi Nakamoto',
      '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    ],
    [
      Q - 1n,
      'Satoshi Nakamoto',
      'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
    ],
    [
      1n,
      'All those moments will be lost in time, like tears in rain. Time to die...',
      '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    ],
  ])('Bitcoin vector of private key %s, "%s"', (secret, text, expected) => {
    const signature = Buffer.from(expected, 'hex');
    const digest = sha256Of(Buffer.from(text));
    const key = multiplyBase(secret);
    expect(verifySignature(signature, digest, key)).toBe(true);
    expect(
      [0, 1].map((bit) => recoverPublicKey(signature, bit === 0 ? 0 : 1, digest)?.equals(key)),
    ).toContain(true);
  });
});

function sha256Of(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

describe('BIP32 test vectors 1 and 2, steps that are not hardened', () => {
  // [parent xpub, index, child xpub]; base58 carries a checksum, which ethers verifies.
  it.each([
    [
      'm/0H',
      1,
      'xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw',
      'xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ',
    ],
    [
      'm/0H/1/2H',
      2,
      'xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5',
      'xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV',
    ],
    [
      'm/0H/1/2H/2',
      1000000000,
      'xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV',
      'xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy',
    ],
    [
      'm (vector 2)',
      0,
      'xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB',
      'xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH',
    ],
  ])('%s -> %i', (_, index, parentKey, childKey) => {
    const [parent, child] = [parentKey, childKey].map((key) => HDNodeWallet.fromExtendedKey(key));
    const [parentPoint, childPoint] = [parent, child].map((node) => pointOf(node?.publicKey));
    const derived = deriveChild(parentPoint ?? fail(), hexBytes(parent?.chainCode), [index]);
    expect(derived.publicKey).toEqual(childPoint);
    expect(derived.chainCode).toEqual(hexBytes(child?.chainCode));
  });
});

const hexBytes = (text = '') => Buffer.from(text.slice(2), 'hex');

function pointOf(text?: string): Point {
  return parsePoint(hexBytes(text)) ?? fail();
}

function fail(): never {
  throw new RangeError('missing');
}
