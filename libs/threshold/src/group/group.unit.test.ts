import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { InvalidInput } from '../errors';
import { H } from '../hash';
import { seededRandom } from '../testing/seeded-random';
import { ed25519Group } from './ed25519-group';
import { type Group, hashToScalar } from './group';
import { secp256k1Group } from './secp256k1-group';
import { wideProduct } from './wide-product';

interface Reference {
  readonly group: Group;
  readonly multiplyBase: (scalar: bigint) => Buffer;
  readonly multiply: (point: Uint8Array, scalar: bigint) => Buffer;
  readonly add: (a: Uint8Array, b: Uint8Array) => Buffer;
}

const references: Reference[] = [
  {
    group: secp256k1Group,
    multiplyBase: (scalar) => Buffer.from(secp256k1.Point.BASE.multiply(scalar).toBytes(true)),
    multiply: (point, scalar) => Buffer.from(secp256k1.Point.fromBytes(point).multiply(scalar).toBytes(true)),
    add: (a, b) => Buffer.from(secp256k1.Point.fromBytes(a).add(secp256k1.Point.fromBytes(b)).toBytes(true)),
  },
  {
    group: ed25519Group,
    multiplyBase: (scalar) => Buffer.from(ed25519.Point.BASE.multiply(scalar).toBytes()),
    multiply: (point, scalar) => Buffer.from(ed25519.Point.fromBytes(point).multiply(scalar).toBytes()),
    add: (a, b) => Buffer.from(ed25519.Point.fromBytes(a).add(ed25519.Point.fromBytes(b)).toBytes()),
  },
];

const bytesOf = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex');
const integerOf = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);

describe.each(references)('the group $group.name, against noble-curves', ({ group, ...reference }) => {
  const random = seededRandom(group.name);
  const { order } = group;
  const edges = [1n, 2n, order - 2n, order - 1n];
  const scalars = [...edges, ...Array.from({ length: 12 }, () => integerOf(group.randomScalar(random)))];

  it('multiplies the base point', () => {
    for (const x of scalars) expect(group.multiplyBase(bytesOf(x))).toEqual(reference.multiplyBase(x));
  });

  it('multiplies any point, with secret and with public scalars', () => {
    const point = group.multiplyBase(group.randomScalar(random));
    for (const x of scalars) {
      const expected = reference.multiply(point, x);
      expect(group.multiplySecret(point, bytesOf(x))).toEqual(expected);
      expect(group.multiplyPublic(point, x - order)).toEqual(expected);
    }
  });

  it('adds points, and has no encoding for the identity', () => {
    const [a, b] = [group.multiplyBase(bytesOf(3n)), group.multiplyBase(bytesOf(order - 5n))];
    expect(group.addPoints(a, b)).toEqual(reference.add(a, b));
    expect(group.addPoints(a)).toEqual(a);
    expect(group.addPoints(a, b, group.multiplyBase(bytesOf(2n)))).toBeUndefined();
    expect(group.addPoints(a, group.negatePoint(a))).toBeUndefined();
    expect(group.addPoints()).toBeUndefined();
  });

  it('adds and multiplies scalars modulo its order', () => {
    for (const x of scalars) {
      for (const y of scalars) {
        expect(integerOf(group.multiplyScalars(bytesOf(x), bytesOf(y)))).toBe((x * y) % order);
        if (x + y !== order) {
          expect(integerOf(group.addScalars(bytesOf(x), bytesOf(y)))).toBe((x + y) % order);
        }
      }
      expect(integerOf(group.addScalars(bytesOf(x), bytesOf(0n)))).toBe(x);
    }
  });

  it('takes scalars of [1, order) only', () => {
    const values: [bigint, boolean][] = [
      [0n, false],
      [1n, true],
      [order - 1n, true],
      [order, false],
      [order + 1n, false],
      [2n ** 256n - 1n, false],
    ];
    for (const [value, isScalar] of values) {
      expect(group.isNonZeroScalar(bytesOf(value))).toBe(isScalar);
      if (isScalar) continue;
      const point = group.multiplyBase(bytesOf(1n));
      expect(() => group.multiplyBase(bytesOf(value))).toThrow(InvalidInput);
      expect(() => group.multiplySecret(point, bytesOf(value))).toThrow(InvalidInput);
    }
    expect(group.isNonZeroScalar(bytesOf(1n).subarray(1))).toBe(false);
    expect(() => group.multiplyPublic(group.multiplyBase(bytesOf(1n)), order)).toThrow(InvalidInput);
  });

  it('draws scalars that are uniform in their leading bits', () => {
    const counts = new Map<number, number>();
    for (let k = 0; k < 4096; k++) {
      const top = Number((integerOf(group.randomScalar(random)) * 16n) / order);
      counts.set(top, (counts.get(top) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 256) ** 2 / 256, 0);
    expect(counts.size).toBe(16);
    expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom, 0.1 %
  });

  it('hashes to scalars of its own order', () => {
    const scalar = hashToScalar(group, 'dkg/pok', 'input');
    expect(scalar).toBeLessThan(order);
    expect(hashToScalar(group, 'dkg/pok', 'other input')).not.toBe(scalar);
  });

  it('hashes to points of its own, which are not the hash times the generator', () => {
    const digests = Array.from({ length: 64 }, () => random(32));
    const points = digests.map((digest) => group.hashToPoint(digest));
    expect(new Set(points.map((point) => point.toString('hex'))).size).toBe(64);
    for (const [k, point] of points.entries()) {
      const digest = digests[k] ?? Buffer.alloc(0);
      expect(group.parsePoint(point)).toEqual(point);
      expect(group.hashToPoint(digest)).toEqual(point);
      for (const hash of [digest, H('h2p/x', digest, 0)]) {
        if (group.isNonZeroScalar(hash)) expect(group.multiplyBase(hash)).not.toEqual(point);
      }
    }
  });

  it('parses its own points only', () => {
    const point = group.multiplyBase(bytesOf(7n));
    expect(group.parsePoint(point)).toEqual(point);
    expect(group.parsePoint(point.subarray(1))).toBeUndefined();
    expect(group.parsePoint(Buffer.concat([point, Buffer.alloc(1)]))).toBeUndefined();
    expect(group.parsePoint(Buffer.alloc(group.pointBytes))).toBeUndefined();
  });
});

it('hashing to edwards25519 is Elligator 2 (RFC 9380, 6.7.1) and clears the cofactor, up to the sign', () => {
  const random = seededRandom('elligator');
  const { Fp } = ed25519.Point;
  const J = 486662n;
  for (let k = 0; k < 16; k++) {
    const digest = random(32);
    const uniform = H('h2p/x', digest, 0).reverse();
    const u = Fp.create(integerOf(uniform) % 2n ** 255n);
    const x1 = Fp.neg(Fp.div(J, Fp.add(Fp.ONE, Fp.mul(2n, Fp.sqr(u)))));
    const g = Fp.mul(x1, Fp.add(Fp.mul(x1, Fp.add(x1, J)), Fp.ONE));
    const isSquare = Fp.eql(Fp.pow(g, (Fp.ORDER - 1n) / 2n), Fp.ONE);
    const x = isSquare ? x1 : Fp.neg(Fp.add(x1, J));
    const y = Fp.div(Fp.sub(x, Fp.ONE), Fp.add(x, Fp.ONE));
    const mapped = ed25519.Point.fromBytes(bytesOf(y).reverse()).clearCofactor();
    const candidates = [mapped.toHex(), mapped.negate().toHex()];
    expect(candidates).toContain(ed25519Group.hashToPoint(digest).toString('hex'));
  }
});

describe('points of edwards25519 that are refused', () => {
  const torsion = ed25519.Point.fromHex(
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    true,
  );

  it.each([
    ['the identity', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['a point of order 8', torsion.toHex()],
    ['a point of mixed order', ed25519.Point.BASE.add(torsion).toHex()],
    ['y >= p', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['no point of the curve', '0200000000000000000000000000000000000000000000000000000000000000'],
  ])('%s', (_, hex) => {
    expect(ed25519Group.parsePoint(Buffer.from(hex, 'hex'))).toBeUndefined();
  });
});

it('wideProduct is the product of the integers', () => {
  const values = [0n, 1n, 0xffffn, 2n ** 255n, 2n ** 256n - 1n, integerOf(seededRandom('wide')(32))];
  for (const x of values) {
    for (const y of values) expect(integerOf(wideProduct(bytesOf(x), bytesOf(y)))).toBe(x * y);
  }
});
