import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { InvalidInput } from '../errors';
import { ed25519Group } from '../group/ed25519-group';
import { type Group } from '../group/group';
import { bytesToInteger, invert, mod } from '../group/scalar';
import { secp256k1Group } from '../group/secp256k1-group';
import { seededRandom } from '../testing/seeded-random';
import {
  dealPedersen,
  pedersenBase,
  pedersenCommitment,
  type PedersenShare,
  verifyPedersenShare,
} from './pedersen';
import { type Commitments, evaluate } from './polynomial';
import { combineScalar } from './shamir';

interface Reference {
  readonly group: Group;
  /** H, known answer. */
  readonly base: string;
  /** s*G + r*H on noble-curves, in hex. */
  readonly commit: (s: bigint, r: bigint) => string;
}

const K256_BASE = '0298e4ec2ee9a394b3e3dd7588aee95055d449b6bc1630a91c5aec3da5620725f2';
const EDWARDS_BASE = '11361efb1a722cfd933d4240a56caec9688827b72173051b1da1fccdbdc7a5f7';
const references: Reference[] = [
  {
    group: secp256k1Group,
    base: K256_BASE,
    commit: (s, r) =>
      secp256k1.Point.BASE.multiply(s).add(secp256k1.Point.fromHex(K256_BASE).multiply(r)).toHex(),
  },
  {
    group: ed25519Group,
    base: EDWARDS_BASE,
    commit: (s, r) =>
      ed25519.Point.BASE.multiply(s).add(ed25519.Point.fromHex(EDWARDS_BASE).multiply(r)).toHex(),
  },
];

const bytesOf = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex');
const ONE = bytesOf(1n);

describe.each(references)('Pedersen commitments, $group.name', ({ group, base, commit }) => {
  const random = seededRandom(`commit/${group.name}`);
  const { order } = group;

  test('H is the known answer, a point of the group and neither G nor a small multiple', () => {
    expect(pedersenBase(group).toString('hex')).toBe(base);
    expect(group.parsePoint(pedersenBase(group))).toEqual(pedersenBase(group));
    for (let k = 1n; k < 100n; k++) expect(group.multiplyBase(bytesOf(k)).toString('hex')).not.toBe(base);
  });

  test('noble-curves agrees, also at the ends of the range', () => {
    const scalars = [1n, order - 1n, bytesToInteger(group.randomScalar(random))];
    for (const s of scalars) {
      for (const r of scalars) {
        expect(pedersenCommitment(group, bytesOf(s), bytesOf(r))?.toString('hex')).toBe(commit(s, r));
      }
    }
  });

  test('another value or another blinding is another commitment', () => {
    const [s, r] = [group.randomScalar(random), group.randomScalar(random)];
    const commitment = pedersenCommitment(group, s, r);
    expect(pedersenCommitment(group, group.addScalars(s, ONE), r)).not.toEqual(commitment);
    expect(pedersenCommitment(group, s, group.addScalars(r, ONE))).not.toEqual(commitment);
    expect(pedersenCommitment(group, r, s)).not.toEqual(commitment);
  });

  test('perfectly hiding: who knew log H could open to any value', () => {
    // a toy H = h*G shows it: s + h*r = s' + h*r' has one r' for every s'
    const [h, s, r, other] = [5n, 1234n, 99n, 777n];
    const opening = mod((s - other) * invert(h, order) + r, order);
    const toy = (value: bigint, blinding: bigint) => mod(value + h * blinding, order);
    expect(toy(other, opening)).toBe(toy(s, r));
  });

  test.each([bytesOf(0n), bytesOf(order), Buffer.alloc(31)])('scalars out of range are refused %#', (bad) => {
    expect(() => pedersenCommitment(group, bad, ONE)).toThrow(InvalidInput);
    expect(() => pedersenCommitment(group, ONE, bad)).toThrow(InvalidInput);
  });
});

describe.each([secp256k1Group, ed25519Group])('Pedersen verifiable sharing, $name', (group) => {
  const policy = { threshold: 3, indices: [1, 2, 7, 65534] };
  const random = seededRandom(`pedersen/${group.name}`);
  const secret = group.randomScalar(random);
  const { commitments, shares } = dealPedersen(group, secret, policy, random);
  const shareOf = (index: number): PedersenShare => {
    const share = shares.get(index);
    if (!share) throw new RangeError('no share');
    return share;
  };
  const verify = (change: Partial<Record<keyof PedersenShare, Uint8Array>>, index = 7) =>
    verifyPedersenShare(group, 3, commitments, index, { ...shareOf(7), ...change });
  const [c0, c1, c2] = commitments;
  if (!c1 || !c2) throw new RangeError('three commitments');

  test('an index that no party has is refused', () => {
    for (const index of [0, -7, 7.5, NaN, 65535]) expect(verify({}, index)).toBe(false);
  });

  test('every share verifies, and any t values give the secret', () => {
    for (const [index, share] of shares) {
      expect(verifyPedersenShare(group, 3, commitments, index, share)).toBe(true);
    }
    const values = new Map([...shares].map(([index, { value }]) => [index, value]));
    expect(combineScalar(group, 3, values)).toEqual(secret);
    values.delete(2);
    expect(combineScalar(group, 3, values)).toEqual(secret);
  });

  test('a dealer of a higher degree is refused by the number of commitments, not by its shares', () => {
    const higher = dealPedersen(group, secret, { ...policy, threshold: 4 }, random);
    for (const [index, share] of higher.shares) {
      expect(verifyPedersenShare(group, 4, higher.commitments, index, share)).toBe(true);
      expect(verifyPedersenShare(group, 3, higher.commitments, index, share)).toBe(false);
    }
    expect([...higher.shares.keys()]).toEqual(policy.indices);
  });

  test('the blindings are shares of what opens C_0', () => {
    const blindings = new Map([...shares].map(([index, { blinding }]) => [index, blinding]));
    const opening = combineScalar(group, 3, blindings);
    expect(opening && pedersenCommitment(group, secret, opening)).toEqual(c0);
    expect(c0).not.toEqual(group.multiplyBase(secret));
  });

  test('a changed value or blinding, and the share of another party, are refused', () => {
    const { value, blinding } = shareOf(7);
    expect(verify({})).toBe(true);
    expect(verify({ value: group.addScalars(value, ONE) })).toBe(false);
    expect(verify({ blinding: group.addScalars(blinding, ONE) })).toBe(false);
    expect(verify({ value: blinding, blinding: value })).toBe(false);
    expect(verify({}, 2)).toBe(false);
    for (const bad of [Buffer.alloc(32), bytesOf(group.order), Buffer.alloc(31, 1), Buffer.alloc(0)]) {
      expect(verify({ value: bad })).toBe(false);
      expect(verify({ blinding: bad })).toBe(false);
    }
  });

  test.each<[string, Commitments]>([
    ['exchanged', [c0, c2, c1]],
    ['one of another dealing', [c0, c1, group.multiplyBase(ONE)]],
    ['too few', [c0, c1]],
    ['too many', [c0, c1, c2, c2]],
  ])('commitments %s are refused', (_, changed) => {
    expect(verifyPedersenShare(group, 3, changed, 7, shareOf(7))).toBe(false);
  });

  test('commitments that sum to the identity at the index match no share', () => {
    const canceling: Commitments = [group.negatePoint(group.multiplyPublic(c1, 7n)), c1];
    expect(verifyPedersenShare(group, 2, canceling, 7, shareOf(7))).toBe(false);
  });

  test('all coefficients are wiped', () => {
    const drawn: Buffer[] = [];
    dealPedersen(group, secret, policy, (bytes) => {
      const fresh = random(bytes);
      drawn.push(fresh);
      return fresh;
    });
    expect(drawn.length).toBeGreaterThanOrEqual(5);
    for (const buffer of drawn) expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect(evaluate(group, [secret], 1)).toEqual(secret);
  });

  test('secrets and policies out of range are refused', () => {
    expect(() => dealPedersen(group, Buffer.alloc(32), policy, random)).toThrow(InvalidInput);
    expect(() => dealPedersen(group, ONE, { threshold: 1, indices: [1, 2] }, random)).toThrow(InvalidInput);
  });
});
