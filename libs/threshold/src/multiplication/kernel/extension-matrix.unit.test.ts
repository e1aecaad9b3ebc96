import fc from 'fast-check';
import { createCipheriv } from 'node:crypto';
import { H } from '../../hash';
import { gmacHash } from '../../testing/gmac-hash';
import { seededRandom } from '../../testing/seeded-random';
import { ExtensionMatrix } from './extension-matrix';

const bit = (bytes: Uint8Array, index: number) => ((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1;

/** A matrix with these 128 rows. */
function matrixOf(rows: Buffer, rowBytes: number): ExtensionMatrix {
  const matrix = new ExtensionMatrix(rowBytes);
  for (let m = 0; m < 128; m++) matrix.setRow(m, rows.subarray(m * rowBytes, (m + 1) * rowBytes));
  return matrix;
}

describe('bit-matrix transposition (section 5.5)', () => {
  it('transpose^2 = id', () => {
    const square = seededRandom('square')(2048);
    const [once, mask] = [matrixOf(padded(square), 32).columns(), 16];
    expect(matrixOf(padded(once), 16 + mask).columns()).toEqual(square);
  });

  it.each([1, 6, 71])('bit m of column b is bit b of row m, for %i blocks', (blocks) => {
    const rowBytes = 16 * (blocks + 1);
    const rows = seededRandom(`rows ${blocks}`)(128 * rowBytes);
    const columns = matrixOf(rows, rowBytes).columns();
    expect(columns).toHaveLength(128 * blocks * 16);
    const wrong: string[] = [];
    for (let b = 0; b < 128 * blocks; b++) {
      for (let m = 0; m < 128; m++) {
        if (bit(columns, 128 * b + m) !== bit(rows, m * rowBytes * 8 + b)) wrong.push(`${b}, ${m}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  /** Rows of 16 B with a mask block of zeros. */
  function padded(rows: Buffer): Buffer {
    const blocks = Array.from({ length: 128 }, (_, m) => rows.subarray(16 * m, 16 * (m + 1)));
    return Buffer.concat(blocks.flatMap((block) => [block, Buffer.alloc(16)]));
  }
});

describe('additions to the rows (sections 5.1 and 5.4)', () => {
  const random = seededRandom('rows');
  const rowBytes = 64;
  const [rows, partner, beta, nabla] = [random(128 * 64), random(128 * 64), random(64), random(16)];

  it('the receiver adds its choices to all rows', () => {
    const matrix = matrixOf(rows, rowBytes);
    for (let m = 0; m < 128; m++) matrix.setPartnerRow(m, partner.subarray(m * 64, (m + 1) * 64));
    const expected = rows.map((byte, k) => byte ^ (partner[k] ?? 0) ^ (beta[k % 64] ?? 0));
    expect(Buffer.from(matrix.addChoices(beta))).toEqual(Buffer.from(expected));
  });

  it('the sender adds the rows that Nabla names', () => {
    const matrix = matrixOf(rows, rowBytes);
    matrix.addMasked(partner, nabla);
    const sum = Buffer.from(rows.map((byte, k) => byte ^ (bit(nabla, k >> 6) ? (partner[k] ?? 0) : 0)));
    const columns = matrix.columns();
    expect(columns).toEqual(matrixOf(sum, rowBytes).columns());
  });
});

describe('linear hash (section 5.2)', () => {
  it.each([1, 6, 7, 71])('is the GMAC of %i blocks, for every row and for the choices', (blocks) => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const random = seededRandom(seed);
        const rowBytes = 16 * (blocks + 1);
        const [rows, beta, u] = [random(128 * rowBytes), random(rowBytes), random(40)];
        const context = { pairctx: random(32), receiverNonce: random(32) };
        const matrix = matrixOf(rows, rowBytes);
        matrix.addChoices(beta);
        matrix.columns();
        const key = H('ote/chi', context.pairctx, context.receiverNonce, u).subarray(0, 16);
        const tags = matrix.hash(createCipheriv('aes-128-ecb', key, null).update(Buffer.alloc(16)));
        const lin = gmacHash(context, u);
        const expected = Array.from({ length: 128 }, (_, m) =>
          lin(rows.subarray(m * rowBytes, (m + 1) * rowBytes)),
        );
        expect(Buffer.from(tags.rows)).toEqual(Buffer.concat(expected));
        expect(Buffer.from(tags.choices)).toEqual(lin(beta));
      }),
      { numRuns: 4 },
    );
  });

  it('nothing is left after a wipe', () => {
    const matrix = matrixOf(Buffer.alloc(128 * 64, 0xff), 64);
    matrix.columns();
    matrix.wipe();
    expect(matrix.columns().every((byte) => byte === 0)).toBe(true);
  });
});
