import { type FROST } from '@noble/curves/abstract/frost.js';
import { ed25519_FROST } from '@noble/curves/ed25519.js';
import { schnorr, schnorr_FROST } from '@noble/curves/secp256k1.js';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { bytesToInteger, mod } from '../group/scalar';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { type Ciphersuite, ciphersuite, isOdd, scalarBytes } from './ciphersuite';
import { generateNonce } from './nonce';
import { type FrostRequest } from './share';
import {
  combined,
  copyNonces,
  frostShares,
  type KeyShares,
  prepareNonces,
  requestFor,
  signWith,
  the,
} from './testing/frost-harness';

/** A second implementation, of other authors and on other arithmetic. */
const NOBLE: Record<3 | 4, FROST> = { 3: ed25519_FROST, 4: schnorr_FROST };

interface Packages {
  readonly secrets: ReadonlyMap<number, Buffer>;
  readonly publicKey: Point;
  readonly publicShares: ReadonlyMap<number, Point>;
}

function packagesOf(shares: KeyShares): Packages {
  const { publicKey, publicShares } = the([...shares.values()][0]);
  return {
    secrets: new Map([...shares].map(([index, { share }]) => [index, share])),
    publicKey,
    publicShares,
  };
}

/** The key packages of the output key, computed share by share: x + t where x * G has an even y, else -x + t. */
function tweaked(group: Group, { secrets, publicKey }: Packages, merkleRoot: Buffer): Packages {
  const t = bytesToInteger(schnorr.utils.taggedHash('TapTweak', publicKey.subarray(1), merkleRoot));
  const sign = isOdd(publicKey) ? -1n : 1n;
  const moved = new Map(
    [...secrets].map(([j, secret]) => [j, scalarBytes(mod(sign * bytesToInteger(secret) + t, group.order))]),
  );
  const internal = isOdd(publicKey) ? group.negatePoint(publicKey) : publicKey;
  return {
    secrets: moved,
    publicKey: the(group.addPoints(internal, group.multiplyBase(scalarBytes(t)))),
    publicShares: new Map([...moved].map(([j, secret]) => [j, group.multiplyBase(secret)])),
  };
}

/** What noble makes of the same nonces: the shares, as it encodes them, and the signature. */
function nobleSigns(
  suite: Ciphersuite,
  frost: FROST,
  { secrets, publicKey, publicShares }: Packages,
  nonces: ReturnType<typeof copyNonces>,
  { message, committee }: FrostRequest,
) {
  const id = (j: number) => frost.Identifier.fromNumber(j);
  const pub = {
    signers: { min: 2, max: secrets.size },
    commitments: [publicKey],
    verifyingShares: Object.fromEntries([...publicShares].map(([j, point]) => [id(j), point])),
  };
  const { commitments } = the(nonces.get(the(committee[0])));
  const list = [...commitments].map(([j, c]) => ({ identifier: id(j), ...c }));
  const shares = committee.map((j) => {
    const { hiding, binding } = the(nonces.get(j));
    const secret = { identifier: id(j), signingShare: suite.encodeScalar(the(secrets.get(j))) };
    const own = { hiding: suite.encodeScalar(hiding), binding: suite.encodeScalar(binding) };
    return [j, Buffer.from(frost.signShare(secret, pub, own, list, message))] as const;
  });
  const byId = Object.fromEntries(shares.map(([j, share]) => [id(j), share]));
  for (const [j, share] of shares) expect(frost.verifyShare(pub, list, message, id(j), share)).toBe(true);
  return { shares: new Map(shares), signature: Buffer.from(frost.aggregate(pub, list, message, byId)) };
}

describe.each([3, 4] as const)('equal to @noble/curves, suite %i', (id) => {
  const suite = ciphersuite(id);
  const frost = NOBLE[id];

  it('nonces of the same randomness', () => {
    const share = suite.group.randomScalar(seededRandom('share'));
    const secret = { identifier: frost.Identifier.fromNumber(1), signingShare: suite.encodeScalar(share) };
    for (let k = 0; k < 4; k++) {
      const [random, again] = [seededRandom(`r${k}`), seededRandom(`r${k}`)];
      const { nonces } = frost.commit(secret, (bytes = 32) => Uint8Array.from(random(bytes)));
      const own = [generateNonce(suite, share, again), generateNonce(suite, share, again)];
      expect(own.map((nonce) => suite.encodeScalar(nonce))).toEqual(
        [nonces.hiding, nonces.binding].map((nonce) => Buffer.from(nonce)),
      );
    }
  });

  const tweaks: FrostRequest['tweak'][] =
    id === 3
      ? [{ kind: 'none' }]
      : [{ kind: 'none' }, { kind: 'taproot' }, { kind: 'taproot', merkleRoot: Buffer.alloc(32, 5) }];

  it.each(tweaks)('shares and signatures of random keys, nonces and messages: tweak %j', (tweak) => {
    const parities = new Set<boolean>();
    for (let k = 0; k < 6; k++) {
      const random = seededRandom(`key ${k}`);
      const { shares } = dealSchnorrKey(id, 2, 3, random);
      const committee =
        [
          [1, 2],
          [1, 3],
          [1, 2, 3],
        ][k % 3] ?? [];
      const batches = prepareNonces(shares, committee, 1, `nonces ${k}`);
      const request = requestFor(shares, committee, random(k * 20), tweak);
      const plain = packagesOf(shares);
      parities.add(isOdd(plain.publicKey));
      const root = tweak.kind === 'taproot' ? (tweak.merkleRoot ?? Buffer.alloc(0)) : undefined;
      const packages = root ? tweaked(suite.group, plain, root) : plain;
      const reference = nobleSigns(suite, frost, packages, copyNonces(batches, 0), request);
      const own = frostShares(shares, copyNonces(batches, 0), request);
      for (const [j, { z }] of own) expect(suite.encodeScalar(z)).toEqual(reference.shares.get(j));
      expect(combined(shares, the(copyNonces(batches, 0).get(1)), request, own).signature).toEqual(
        reference.signature,
      );
    }
    if (id === 4) expect(parities.size).toBe(2);
  });
});

test('a Taproot signature verifies under the output key and under no other', () => {
  const { shares } = dealSchnorrKey(4, 2, 2, seededRandom('taproot'));
  const batches = prepareNonces(shares, [1, 2], 1, 'taproot');
  const message = Buffer.alloc(32, 1);
  const request = requestFor(shares, [1, 2], message, { kind: 'taproot' });
  const { signature, publicKey } = signWith(shares, copyNonces(batches, 0), request);
  expect(schnorr.verify(signature, message, publicKey.subarray(1))).toBe(true);
  expect(schnorr.verify(signature, message, request.publicKey.subarray(1))).toBe(false);
});
