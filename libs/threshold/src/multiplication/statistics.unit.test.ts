/** Distributions, with fixed seeds and thresholds (specification section 16, statistical). */
import { multiplyBase, xCoordinate } from '../group/point';
import { mod, randomScalar, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { rerandomise } from '../sign/online';
import { zeroShare } from '../presign/zero-share';
import { openRun } from '../testing/multiplication-run';
import { runPlain } from '../testing/plain-ceremony';
import { presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { copyPresignatures, onlineShares, requestFor } from '../testing/signing-harness';
import { dealKey } from '../testing/trusted-dealer';
import { correlationCipher, correlationHash } from './correlation-hash';
import { wasmKernel } from './kernel/wasm-kernel';

/** Chi-square of counts that should be equal. */
function chiSquare(values: Iterable<number>, cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  let total = 0;
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
    total += 1;
  }
  const expected = total / cells;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Above these a test fails: p = 10^-5, for 255 and 1 degrees of freedom. */
const LIMIT_255 = 361;
const LIMIT_1 = 19.5;

const onesIn = (bytes: Buffer) => {
  let ones = 0;
  for (const byte of bytes) for (let k = 0; k < 8; k++) ones += (byte >>> k) & 1;
  return ones;
};

describe('chi and beta (sections 5.1 and 6.1)', () => {
  it('chi uniform: top byte, chi-square over 10^5 values of the kernel', () => {
    const ROWS = 32; // 32 choice bits over fresh gadgets: chi is a sum of 16 uniform entries on average
    const random = seededRandom('chi');
    const { run } = openRun('chi', 1);
    const tops: number[] = [];
    const columns = random(16 * ROWS);
    const beta = random(16);
    beta[0] = 1; // at least one entry is selected
    const source = { encrypt: run.encrypt, columns, firstIndex: 0 };
    const rows = wasmKernel.unblind(source, Buffer.alloc(96 * ROWS), scalarToBytes(1n), beta);
    for (let k = 0; k < 100_000; k++) tops.push(rows.select(random(32 * ROWS)).readUInt8(0));
    wasmKernel.wipe();
    expect(chiSquare(tops, 256)).toBeLessThan(LIMIT_255);
  });

  it('chi uniform: whole protocol runs, every byte of 300 values', () => {
    const bytes: number[] = [];
    for (let k = 0; k < 25; k++) {
      const { send, receive } = openRun(`chi ${k}`, 12);
      for (let p = 0; p < 12; p++) {
        const chi = receive(p, send(p, [3n, 4n]).message)?.chi;
        expect(chi).toBeDefined();
        bytes.push(...(chi ?? []));
      }
    }
    expect(chiSquare(bytes, 256)).toBeLessThan(LIMIT_255);
  });

  it('weight of beta: half of the choice bits, within 4 standard deviations', () => {
    let [ones, bits] = [0, 0];
    for (let k = 0; k < 100; k++) {
      const { beta } = openRun(`beta ${k}`, 1);
      ones += onesIn(beta);
      bits += 8 * beta.length;
    }
    expect(Math.abs(ones - bits / 2)).toBeLessThan(4 * Math.sqrt(bits / 4));
  });
});

describe('alpha0 and alpha1 (section 5.5)', () => {
  it('are independent: half of the bits differ, and every byte of the difference is uniform', () => {
    const random = seededRandom('alpha');
    const context = {
      pairctx: random(32),
      receiverNonce: random(32),
      senderNonce: random(32),
      messageDigest: random(32),
    };
    const cipher = correlationCipher(context);
    const [columns, nabla] = [random(16 * 2000), random(16)];
    const shifted = Buffer.from(columns.map((byte, k) => byte ^ (nabla[k % 16] ?? 0)));
    const [alpha0, alpha1] = [correlationHash(cipher, columns, 0), correlationHash(cipher, shifted, 0)];
    const difference = Buffer.from(alpha0.map((byte, k) => byte ^ (alpha1[k] ?? 0)));
    const bits = 8 * difference.length;
    expect(Math.abs(onesIn(difference) - bits / 2)).toBeLessThan(4 * Math.sqrt(bits / 4));
    for (const sample of [alpha0, alpha1, difference]) expect(chiSquare(sample, 256)).toBeLessThan(LIMIT_255);
  });

  it('equal columns under other indices are independent, too', () => {
    const random = seededRandom('index');
    const context = {
      pairctx: random(32),
      receiverNonce: random(32),
      senderNonce: random(32),
      messageDigest: random(32),
    };
    const same = Buffer.concat(Array.from({ length: 2000 }, () => Buffer.alloc(16, 5)));
    expect(chiSquare(correlationHash(correlationCipher(context), same, 0), 256)).toBeLessThan(LIMIT_255);
  });
});

describe('shares (sections 7 and 8)', () => {
  const { secretKey, shares } = dealKey(2, 2, seededRandom('shares'));
  const { batches } = runPlain(shares, presignStart(shares, [1, 2], 64), { seed: 'statistics' });

  it("u' and w shares uniform: every byte, over messages and presignatures", () => {
    const bytes: number[] = [];
    for (let p = 0; p < 64; p++) {
      for (let k = 0; k < 4; k++) {
        const request = requestFor(secretKey, [1, 2], seededRandom(`${p} ${k}`)(32));
        for (const { u, w } of onlineShares(copyPresignatures(batches, p), request).values())
          bytes.push(...u, ...w);
      }
    }
    expect(chiSquare(bytes, 256)).toBeLessThan(LIMIT_255);
  });

  it('presignature shares of two parties are uncorrelated: the difference of u, v, phi is uniform', () => {
    const [one, two] = [1, 2].map((index) => batches.get(index)?.presignatures ?? []);
    const bytes = (one ?? []).flatMap((mine, p) =>
      (['phi', 'u', 'v'] as const).flatMap((field) => {
        const other = two?.[p]?.[field] ?? Buffer.alloc(32);
        return [...scalarToBytes(mod(scalarFromBytes(mine[field]) - scalarFromBytes(other)))];
      }),
    );
    expect(chiSquare(bytes, 256)).toBeLessThan(LIMIT_255);
  });

  it('zeta sums to 0, while every single zeta is uniform', () => {
    const seeds = (i: number) =>
      new Map([1, 2, 3].filter((j) => j !== i).map((j) => [j, Buffer.alloc(32, i * j)]));
    const bytes: number[] = [];
    for (let k = 0; k < 200; k++) {
      const psid = scalarToBytes(BigInt(k));
      const zetas = [1, 2, 3].map((i) => zeroShare(seeds(i), i, [1, 2, 3], psid, Buffer.alloc(32)));
      expect(mod(zetas.reduce((sum, zeta) => sum + scalarFromBytes(zeta), 0n))).toBe(0n);
      bytes.push(...zetas.slice(0, 2).flatMap((zeta) => [...zeta]));
    }
    expect(chiSquare(bytes, 256)).toBeLessThan(LIMIT_255);
  });

  it("distribution of r'_x parity and of the parity of y(R')", () => {
    const random = seededRandom('parity');
    const R = multiplyBase(randomScalar(random));
    const points = Array.from({ length: 2000 }, () => {
      const request = requestFor(7n, [1, 2], random(32));
      return rerandomise(random(32), R, request)?.rPrime ?? multiplyBase(1n);
    });
    expect(
      chiSquare(
        points.map((point) => (xCoordinate(point)[31] ?? 0) & 1),
        2,
      ),
    ).toBeLessThan(LIMIT_1);
    expect(
      chiSquare(
        points.map((point) => (point[0] ?? 0) & 1),
        2,
      ),
    ).toBeLessThan(LIMIT_1);
  });

  it('the test itself finds a bias of one bit in sixteen bytes', () => {
    const random = seededRandom('biased');
    const biased = random(40_000).map((byte, k) => (k % 16 === 0 ? byte & 0x7f : byte));
    expect(chiSquare(biased, 256)).toBeGreaterThan(LIMIT_255);
  });
});
