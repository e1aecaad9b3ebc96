import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { ed25519Group } from '../group/ed25519-group';
import { H } from '../hash';
import { bytesToInteger, invert, mod } from '../group/scalar';
import { secp256k1Group } from '../group/secp256k1-group';
import { seededRandom } from '../testing/seeded-random';
import { lagrangeCoefficient } from './polynomial';
import { combineBytes, combineScalar, splitBytes, splitScalar } from './shamir';

const policies = fc
  .record({
    threshold: fc.integer({ min: 2, max: 6 }),
    indices: fc.uniqueArray(fc.integer({ min: 1, max: 65534 }), { minLength: 2, maxLength: 8 }),
  })
  .filter(({ threshold, indices }) => threshold <= indices.length);
const bytesOf = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex');
const lengthOf = (bytes: number) => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes));
  return length;
};
const some = <T>(shares: ReadonlyMap<number, T>, count: number) => new Map([...shares].slice(-count));

/** Value at x of the polynomial through the points, by Lagrange with BigInt. */
function interpolated(points: ReadonlyMap<number, Uint8Array>, x: bigint, order: bigint): bigint {
  const entries = [...points].map(([i, y]) => [BigInt(i), bytesToInteger(y)] as const);
  return entries.reduce((sum, [i, y]) => {
    const basis = entries.reduce((l, [j]) => (i === j ? l : l * (x - j) * invert(i - j, order)), 1n);
    return mod(sum + y * basis, order);
  }, 0n);
}

describe.each([secp256k1Group, ed25519Group])('Shamir sharing of scalars, $name', (group) => {
  const { order } = group;
  const edges = [1n, 2n, order - 1n].map(bytesOf);
  const policy = { threshold: 3, indices: [1, 2, 3, 4, 5] };
  const split = (secret: Uint8Array, seed = 'split') =>
    splitScalar(group, secret, policy, seededRandom(seed));

  const throughPoints = (points: ReadonlyMap<number, Uint8Array>, x: bigint) =>
    interpolated(points, x, order);

  test('any t shares give the secret, fewer another value; BigInt agrees', () => {
    fc.assert(
      fc.property(policies, fc.string(), (any, seed) => {
        const random = seededRandom(seed);
        const secret = group.randomScalar(random);
        const shares = splitScalar(group, secret, any, random);
        expect([...shares.keys()]).toEqual(any.indices);
        const enough = some(shares, any.threshold);
        expect(combineScalar(group, any.threshold, enough)).toEqual(secret);
        expect(combineScalar(group, any.threshold, shares)).toEqual(secret);
        expect(throughPoints(enough, 0n)).toBe(bytesToInteger(secret));
        expect(throughPoints(some(shares, any.threshold - 1), 0n)).not.toBe(bytesToInteger(secret));
      }),
      { numRuns: 40 },
    );
  });

  test.each(edges)('the extreme secret %#', (secret) => {
    expect(combineScalar(group, 3, some(split(secret), 3))).toEqual(secret);
  });

  test('t - 1 shares fit every secret', () => {
    const shares = split(bytesOf(77n));
    const two = some(shares, 2);
    for (const other of edges) {
      const made = throughPoints(new Map([[0, other], ...two]), 1n);
      expect(combineScalar(group, 3, new Map([[1, bytesOf(made)], ...two]))).toEqual(other);
    }
  });

  test('shares are uniform in their leading bits, whatever the secret', () => {
    const random = seededRandom('uniform');
    const counts = new Array<number>(16).fill(0);
    for (let k = 0; k < 1600; k++) {
      const [share] = splitScalar(group, bytesOf(1n), { threshold: 2, indices: [1, 2] }, random).values();
      const top = Number((bytesToInteger(share ?? Buffer.alloc(0)) * 16n) / order);
      counts[top] = (counts[top] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom, 0.1 %
  });

  test('shares that a dealer chose, of which one or a part of the sum is zero, give one secret in any order', () => {
    const negative = (x: bigint) => bytesOf(mod(-x, order));
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [3, 2, 1],
    ];
    const [first, second] = [1, 2].map((i) => lagrangeCoefficient(group, [1, 2, 3], i));
    if (first === undefined || second === undefined) throw new Error('coefficients');
    for (const shares of [
      new Map([
        [1, bytesOf(second)], // lambda_1 * s_1 + lambda_2 * s_2 = 0
        [2, negative(first)],
        [3, bytesOf(5n)],
      ]),
      new Map([
        [1, bytesOf(9n)],
        [2, Buffer.alloc(32)],
        [3, bytesOf(5n)],
      ]),
    ]) {
      const inOrder = (indices: number[]) =>
        new Map(indices.map((i) => [i, shares.get(i) ?? Buffer.alloc(0)]));
      const points = new Map([...shares].map(([i, share]) => [i, share] as const));
      const secret = bytesOf(throughPoints(points, 0n));
      for (const indices of orders) expect(combineScalar(group, 3, inOrder(indices))).toEqual(secret);
      const fourth = bytesOf(throughPoints(points, 4n));
      expect(combineScalar(group, 3, inOrder([3, 1, 2]).set(4, fourth))).toEqual(secret);
    }
    const zeros = new Map([1, 2, 3].map((i) => [i, Buffer.alloc(32)]));
    expect(combineScalar(group, 3, zeros)).toBeUndefined();
  });

  test('one wrong share among more than t is noticed, wherever it is', () => {
    const shares = split(bytesOf(77n));
    for (const index of policy.indices) {
      const wrong = new Map(shares).set(
        index,
        group.addScalars(shares.get(index) ?? Buffer.alloc(0), bytesOf(1n)),
      );
      expect(combineScalar(group, 3, wrong)).toBeUndefined();
      expect(combineScalar(group, 3, new Map([...wrong].filter(([i]) => i !== index)))).toEqual(bytesOf(77n));
    }
    const swapped = new Map(shares).set(1, shares.get(2) ?? Buffer.alloc(0));
    expect(combineScalar(group, 3, swapped)).toBeUndefined();
  });

  test('among exactly t a wrong share gives a wrong secret', () => {
    const wrong = some(split(bytesOf(77n)), 3).set(4, bytesOf(5n));
    expect(combineScalar(group, 3, wrong)).not.toEqual(bytesOf(77n));
  });

  test('shares of a lower threshold than claimed are noticed or give the secret', () => {
    const line = splitScalar(group, bytesOf(9n), { ...policy, threshold: 2 }, seededRandom('line'));
    expect(combineScalar(group, 3, line)).toEqual(bytesOf(9n));
    expect(combineScalar(group, 2, split(bytesOf(9n)))).toBeUndefined();
  });

  test('a share that is no scalar has no secret', () => {
    const shares = split(bytesOf(77n));
    for (const bad of [bytesOf(0n), bytesOf(order), Buffer.alloc(31, 1), Buffer.alloc(33), Buffer.alloc(0)]) {
      expect(combineScalar(group, 3, new Map(shares).set(2, bad))).toBeUndefined();
    }
  });

  test('made-up shares of the secret zero have no secret', () => {
    const line = new Map([1, 2, 3].map((x) => [x, bytesOf(BigInt(7 * x))]));
    expect(combineScalar(group, 2, line)).toBeUndefined();
    const rootAt3 = new Map([1, 2, 4].map((x) => [x, bytesOf(mod(BigInt(5 * (x - 3)), order))]));
    expect(combineScalar(group, 2, rootAt3)).toEqual(bytesOf(order - 15n));
    expect(combineScalar(group, 2, rootAt3.set(3, bytesOf(5n)))).toBeUndefined();
    expect(combineScalar(group, 2, new Map([...rootAt3].filter(([x]) => x !== 4)))).toBeUndefined();
    const shares = split(bytesOf(order - 1n));
    const two = new Map([...shares].slice(0, 2));
    const third = bytesOf(throughPoints(new Map([[0, bytesOf(0n)], ...two]), 3n));
    expect(combineScalar(group, 3, two.set(3, third))).toBeUndefined();
  });

  test('any bytes as shares throw nothing', () => {
    const any = fc.uint8Array({ minLength: 30, maxLength: 34 });
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        const secret = combineScalar(group, 2, new Map([a, b, c].map((share, k) => [k + 1, share])));
        expect(secret === undefined || group.isNonZeroScalar(secret)).toBe(true);
      }),
    );
  });

  test.each([0n, order, 2n ** 256n - 1n].map(bytesOf))('a secret out of range is refused %#', (secret) => {
    expect(() => split(secret)).toThrow(InvalidInput);
    expect(() => split(secret.subarray(1))).toThrow(InvalidInput);
  });

  test.each([
    ['t = 1', 1, [1, 2]],
    ['t above n', 3, [1, 2]],
    ['t no integer', 2.5, [1, 2, 3]],
    ['the index 0, which is the secret', 2, [0, 1]],
    ['the index 65535', 2, [1, 65535]],
    ['an index twice', 2, [1, 2, 2]],
    ['an index that is no integer', 2, [1, 1.5]],
  ])('%s is refused', (_, threshold, indices) => {
    expect(() => splitScalar(group, bytesOf(1n), { threshold, indices }, seededRandom('x'))).toThrow(
      InvalidInput,
    );
    const shares = new Map(indices.map((index) => [index, bytesOf(1n)]));
    if (shares.size === indices.length) {
      expect(() => combineScalar(group, threshold, shares)).toThrow(InvalidInput);
    }
  });

  test("the coefficients are wiped, the secret stays the caller's", () => {
    const drawn: Buffer[] = [];
    const random = seededRandom('wipe');
    const secret = bytesOf(77n);
    splitScalar(group, secret, policy, (bytes) => {
      const fresh = random(bytes);
      drawn.push(fresh);
      return fresh;
    });
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    for (const buffer of drawn) expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect(secret).toEqual(bytesOf(77n));
  });
});

describe.each([secp256k1Group, ed25519Group])('Shamir sharing of byte strings, $name', (group) => {
  const policy = { threshold: 3, indices: [1, 2, 3, 4] };
  const split = (secret: Uint8Array) => splitBytes(group, secret, policy, seededRandom('bytes'));

  test('every string of 1 to 32 bytes comes back, also above the order and with leading zeros', () => {
    const strings = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 32 }),
      fc.integer({ min: 1, max: 32 }).chain((n) => fc.constantFrom(Buffer.alloc(n), Buffer.alloc(n, 0xff))),
    );
    fc.assert(
      fc.property(strings, (secret) => {
        const shares = split(secret);
        for (const share of shares.values()) expect(share).toHaveLength(64);
        expect(combineBytes(group, 3, some(shares, 3))).toEqual(Buffer.from(secret));
        expect(combineBytes(group, 3, shares)).toEqual(Buffer.from(secret));
      }),
      { numRuns: 60 },
    );
  });

  test('what is shared is 01 || half || check, by BigInt and SHA-256: the encoding cannot change silently', () => {
    const secret = Buffer.from('00112233445566778899aa', 'hex');
    const label = Buffer.from('dkls23/1/share/check');
    const check = (number: number) =>
      createHash('sha256')
        .update(Buffer.concat([Buffer.of(label.length), label, lengthOf(4), Buffer.of(0, 0, 0, number)]))
        .update(Buffer.concat([lengthOf(secret.length), secret]))
        .digest('hex')
        .slice(0, 28);
    const shares = some(split(secret), 3);
    const scalarAt = (offset: number) => {
      const halves = [...shares].map(([i, share]) => [i, share.subarray(offset, offset + 32)] as const);
      return bytesOf(interpolated(new Map(halves), 0n, group.order)).toString('hex');
    };
    expect(scalarAt(0)).toBe(`01001122334455${check(0)}`.padStart(64, '0'));
    expect(scalarAt(32)).toBe(`0166778899aa${check(1)}`.padStart(64, '0'));
  });

  test('a damaged share is noticed in either half, also among exactly t', () => {
    const shares = split(Buffer.alloc(32, 7));
    for (let at = 0; at < 64; at++) {
      const damaged = Buffer.from(shares.get(4) ?? Buffer.alloc(0));
      damaged[at] = damaged.readUInt8(at) ^ 1;
      expect(combineBytes(group, 3, new Map(shares).set(4, damaged))).toBeUndefined();
      expect(combineBytes(group, 3, some(shares, 3).set(4, damaged))).toBeUndefined();
    }
  });

  test('shares of two secrets, halves in the wrong order or of another length have no secret', () => {
    const shares = split(Buffer.alloc(32, 7));
    const other = splitBytes(group, Buffer.alloc(32, 8), policy, seededRandom('other'));
    const foreign = other.get(2) ?? Buffer.alloc(0);
    expect(combineBytes(group, 3, some(shares, 3).set(2, foreign))).toBeUndefined();
    const [first] = shares;
    if (!first) throw new RangeError('a share');
    const oneLonger = new Map(shares).set(first[0], Buffer.concat([first[1], Buffer.alloc(1)]));
    expect(combineBytes(group, 3, oneLonger)).toBeUndefined();
    const cut = (share: Buffer) => share.subarray(0, 63);
    const longer = (share: Buffer) => Buffer.concat([share, Buffer.alloc(1)]);
    for (const change of [cut, longer]) {
      const changed = new Map([...shares].map(([index, share]) => [index, change(share)]));
      expect(combineBytes(group, 3, changed)).toBeUndefined();
    }
    const odd = split(Buffer.from('ab0102', 'hex'));
    const swapped = new Map(
      [...odd].map(([index, share]) => [index, Buffer.concat([share.subarray(32), share.subarray(0, 32)])]),
    );
    expect(combineBytes(group, 3, swapped)).toBeUndefined(); // 1 byte, then 2
  });

  test('scalars that encode no half, or the half of another string, have no secret', () => {
    const random = seededRandom('no half');
    const check = (secret: string, number: number) =>
      H('share/check', number, Buffer.from(secret, 'hex')).toString('hex', 0, 14);
    const joined = (first: string, second: string) => {
      const [a, b] = [first, second].map((hex) =>
        splitScalar(group, Buffer.from(hex.padStart(64, '0'), 'hex'), policy, random),
      );
      const partOf = (shares: ReadonlyMap<number, Buffer> | undefined, i: number) =>
        shares?.get(i) ?? Buffer.alloc(0);
      return new Map(policy.indices.map((i) => [i, Buffer.concat([partOf(a, i), partOf(b, i)])]));
    };
    const combined = (first: string, second: string) => combineBytes(group, 3, joined(first, second));
    const [a, b] = [check('aabb', 0), check('aabb', 1)];
    expect(combined(`01aa${a}`, `01bb${b}`)).toEqual(Buffer.from('aabb', 'hex'));
    const long = 'cc'.repeat(17);
    for (const [first, second] of [
      [`02aa${a}`, `01bb${b}`],
      [`01aa${a}`, `03bb${b}`],
      [`01aa${b}`, `01bb${a}`],
      [`01aa${check('aabc', 0)}`, `01bb${b}`],
      [`01aa${a}`, `01bb${check('aabc', 1)}`],
      [`01${long}`.slice(0, 28), `01bb${b}`],
      [
        `01${'dd'.repeat(17)}${check('dd'.repeat(17) + 'bb', 0)}`.slice(0, 64),
        `01bb${check('dd'.repeat(17) + 'bb', 1)}`,
      ],
      ['01', '01'],
    ] as const) {
      expect(combined(first, second)).toBeUndefined();
    }
  });

  test('no bytes, and more than 32, are refused', () => {
    expect(() => split(Buffer.alloc(0))).toThrow(InvalidInput);
    expect(() => split(Buffer.alloc(33))).toThrow(InvalidInput);
    expect(() => combineBytes(group, 3, some(split(Buffer.alloc(5)), 2))).toThrow(InvalidInput);
  });
});
