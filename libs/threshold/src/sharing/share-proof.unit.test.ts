import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { ed25519Group } from '../group/ed25519-group';
import { type Group, hashToScalar } from '../group/group';
import { bytesToInteger } from '../group/scalar';
import { secp256k1Group } from '../group/secp256k1-group';
import { H } from '../hash';
import { seededRandom } from '../testing/seeded-random';
import { dealFeldman } from './feldman';
import { pedersenBase, pedersenCommitment } from './pedersen';
import { type Commitments, evaluateCommitments } from './polynomial';
import { knowledgeProofBytes, proveKnowledge } from './proof-of-knowledge';
import { linkProofBytes, proveLink, proveShare, verifyLink, verifyShareProof } from './share-proof';

interface Reference {
  readonly group: Group;
  /** Whether z*base = t + c*point on noble-curves. */
  readonly holds: (base: Uint8Array, z: bigint, t: Uint8Array, point: Uint8Array, c: bigint) => boolean;
}

const k256 = secp256k1.Point;
const edwards = ed25519.Point;
const references: Reference[] = [
  {
    group: secp256k1Group,
    holds: (base, z, t, point, c) =>
      k256
        .fromBytes(base)
        .multiply(z)
        .equals(k256.fromBytes(t).add(k256.fromBytes(point).multiply(c))),
  },
  {
    group: ed25519Group,
    holds: (base, z, t, point, c) =>
      edwards
        .fromBytes(base)
        .multiply(z)
        .equals(edwards.fromBytes(t).add(edwards.fromBytes(point).multiply(c))),
  },
];

const ONE = Buffer.from('01'.padStart(64, '0'), 'hex');
const context = Buffer.from('session 1');

describe.each(references)('proof of a share, $group.name', ({ group, holds }) => {
  const random = seededRandom(`share/${group.name}`);
  const policy = { threshold: 2, indices: [1, 2, 3] };
  const { commitments, shares } = dealFeldman(group, group.randomScalar(random), policy, random);
  const share = shares.get(2) ?? Buffer.alloc(0);
  const statement = { commitments, index: 2 };
  const proof = proveShare(group, context, statement, share, random);

  test('every holder proves its own share', () => {
    for (const [index, own] of shares) {
      const claim = { commitments, index };
      expect(verifyShareProof(group, context, claim, proveShare(group, context, claim, own, random))).toBe(
        true,
      );
    }
    expect(proof).toHaveLength(knowledgeProofBytes(group));
  });

  test('the equation holds on noble-curves, with a challenge over the whole statement', () => {
    const [k, z] = [proof.subarray(0, group.pointBytes), proof.subarray(group.pointBytes)];
    const publicShare = group.multiplyBase(share);
    const session = H('share/pok', group.name, context, 2, ...commitments);
    const c = hashToScalar(group, 'dkg/pok', session, 2, publicShare, k);
    expect(holds(group.multiplyBase(ONE), bytesToInteger(z), k, publicShare, c)).toBe(true);
  });

  test('another share, index, context or commitment is refused', () => {
    const [a0, a1] = commitments;
    if (!a1) throw new RangeError('two commitments');
    const other = dealFeldman(group, group.randomScalar(random), policy, random);
    expect(verifyShareProof(group, context, statement, proof)).toBe(true);
    expect(verifyShareProof(group, Buffer.from('session 2'), statement, proof)).toBe(false);
    for (const index of [1, 0, -2, 2.5, NaN, 65535]) {
      expect(verifyShareProof(group, context, { ...statement, index }, proof)).toBe(false);
    }
    expect(verifyShareProof(group, context, { ...statement, commitments: other.commitments }, proof)).toBe(
      false,
    );
    // other commitments with the same public share: 2*(A_1 + G) and A_0 - 2*G
    const twice = group.negatePoint(group.multiplyPublic(group.multiplyBase(ONE), 2n));
    const [shifted, slope] = [group.addPoints(a0, twice), group.addPoints(a1, group.multiplyBase(ONE))];
    if (!shifted || !slope) throw new RangeError('two points');
    const same: Commitments = [shifted, slope];
    expect(evaluateCommitments(group, same, 2)).toEqual(group.multiplyBase(share));
    expect(verifyShareProof(group, context, { commitments: same, index: 2 }, proof)).toBe(false);
    const wrong = proveShare(group, context, statement, group.addScalars(share, ONE), random);
    expect(verifyShareProof(group, context, statement, wrong)).toBe(false);
  });

  test('a proof of key generation is none of a share, and no share proof is one of key generation', () => {
    const foreign = proveKnowledge(group, context, 2, share, group.multiplyBase(share), random);
    expect(verifyShareProof(group, context, statement, foreign)).toBe(false);
  });

  test('a public share that is the identity has no proof', () => {
    const [, a1] = commitments;
    if (!a1) throw new RangeError('two commitments');
    const canceling: Commitments = [group.negatePoint(group.multiplyPublic(a1, 2n)), a1];
    expect(verifyShareProof(group, context, { commitments: canceling, index: 2 }, proof)).toBe(false);
  });

  test('changed bytes are refused', () => {
    const changes = fc.tuple(fc.nat(proof.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(changes, ([at, bits]) => {
        const changed = Buffer.from(proof);
        changed[at] = changed.readUInt8(at) ^ bits;
        expect(verifyShareProof(group, context, statement, changed)).toBe(false);
      }),
    );
    for (const bad of [proof.subarray(1), Buffer.concat([proof, Buffer.alloc(1)]), Buffer.alloc(0)]) {
      expect(verifyShareProof(group, context, statement, bad)).toBe(false);
    }
  });
});

describe.each(references)(
  'proof that a committed share is the public one, $group.name',
  ({ group, holds }) => {
    const random = seededRandom(`link/${group.name}`);
    const opening = { value: group.randomScalar(random), blinding: group.randomScalar(random) };
    const statementOf = ({ value, blinding }: typeof opening) => {
      const commitment = pedersenCommitment(group, value, blinding);
      if (!commitment) throw new RangeError('not the identity');
      return { publicShare: group.multiplyBase(value), commitment };
    };
    const statement = statementOf(opening);
    const proof = proveLink(group, context, statement, opening, random);
    const { pointBytes } = group;

    test('any true statement is proved', () => {
      for (let k = 0; k < 5; k++) {
        const own = { value: group.randomScalar(random), blinding: group.randomScalar(random) };
        const claim = statementOf(own);
        expect(verifyLink(group, context, claim, proveLink(group, context, claim, own, random))).toBe(true);
      }
      expect(proof).toHaveLength(linkProofBytes(group));
    });

    test('both equations hold on noble-curves, with a challenge over the whole statement', () => {
      const [t1, t2] = [proof.subarray(0, pointBytes), proof.subarray(pointBytes, 2 * pointBytes)];
      const [z1, z2] = [proof.subarray(-64, -32), proof.subarray(-32)].map(bytesToInteger);
      const { publicShare, commitment } = statement;
      const base = pedersenBase(group);
      const c = hashToScalar(group, 'share/link', group.name, context, base, publicShare, commitment, t1, t2);
      const blinded = group.addPoints(commitment, group.negatePoint(publicShare)) ?? Buffer.alloc(0);
      expect(holds(group.multiplyBase(ONE), z1 ?? 0n, t1, publicShare, c)).toBe(true);
      expect(holds(base, z2 ?? 0n, t2, blinded, c)).toBe(true);
    });

    test('a commitment to another value cannot be proved, with either opening', () => {
      const other = { ...opening, value: group.addScalars(opening.value, ONE) };
      const unequal = { ...statement, commitment: statementOf(other).commitment };
      for (const claimed of [opening, other]) {
        const forged = proveLink(group, context, unequal, claimed, random);
        expect(verifyLink(group, context, unequal, forged)).toBe(false);
      }
    });

    test('another context or statement is refused', () => {
      const other = group.multiplyBase(group.randomScalar(random));
      const both = {
        publicShare: group.addPoints(statement.publicShare, other),
        commitment: group.addPoints(statement.commitment, other),
      };
      expect(verifyLink(group, context, statement, proof)).toBe(true);
      expect(verifyLink(group, Buffer.from('session 2'), statement, proof)).toBe(false);
      expect(verifyLink(group, context, { ...statement, publicShare: other }, proof)).toBe(false);
      expect(verifyLink(group, context, { ...statement, commitment: other }, proof)).toBe(false);
      const { publicShare, commitment } = both;
      expect(
        publicShare && commitment && verifyLink(group, context, { publicShare, commitment }, proof),
      ).toBe(false);
    });

    test('a commitment without blinding is refused', () => {
      const bare = { publicShare: statement.publicShare, commitment: statement.publicShare };
      expect(verifyLink(group, context, bare, proveLink(group, context, bare, opening, random))).toBe(false);
    });

    test('a proof simulated from a chosen challenge is refused', () => {
      const [z1, z2] = [group.randomScalar(random), group.randomScalar(random)];
      const blinded = group.addPoints(statement.commitment, group.negatePoint(statement.publicShare));
      if (!blinded) throw new RangeError('a blinding');
      const t1 = group.addPoints(
        group.multiplyBase(z1),
        group.negatePoint(group.multiplyPublic(statement.publicShare, 5n)),
      );
      const t2 = group.addPoints(
        group.multiplySecret(pedersenBase(group), z2),
        group.negatePoint(group.multiplyPublic(blinded, 5n)),
      );
      if (!t1 || !t2) throw new RangeError('two points');
      expect(verifyLink(group, context, statement, Buffer.concat([t1, t2, z1, z2]))).toBe(false);
    });

    test('changed bytes are refused, and the nonces are wiped', () => {
      const changes = fc.tuple(fc.nat(proof.length - 1), fc.integer({ min: 1, max: 255 }));
      fc.assert(
        fc.property(changes, ([at, bits]) => {
          const changed = Buffer.from(proof);
          changed[at] = changed.readUInt8(at) ^ bits;
          expect(verifyLink(group, context, statement, changed)).toBe(false);
        }),
      );
      const zeros = [Buffer.concat([proof.subarray(0, -64), ONE, Buffer.alloc(32)]), proof.subarray(0, -32)];
      for (const bad of [...zeros, Buffer.concat([proof, ONE]), Buffer.alloc(0)]) {
        expect(verifyLink(group, context, statement, bad)).toBe(false);
      }
      const drawn: Buffer[] = [];
      proveLink(group, context, statement, opening, (bytes) => {
        const fresh = random(bytes);
        drawn.push(fresh);
        return fresh;
      });
      for (const buffer of drawn) expect(buffer.every((byte) => byte === 0)).toBe(true);
    });
  },
);
