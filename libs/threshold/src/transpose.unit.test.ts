import fc from 'fast-check';
import { transposeBits } from './transpose';

const bit = (bytes: Uint8Array, index: number) => ((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1;

describe('bit-matrix transposition (section 5.5)', () => {
  it('transpose^2 = id', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2048, maxLength: 2048 }), (square) => {
        expect(transposeBits(transposeBits(square, 16, 128), 16, 128)).toEqual(Buffer.from(square));
      }),
      { numRuns: 20 },
    );
  });

  it('bit m of column b is bit b of row m, and columns beyond the request are left out', () => {
    const rowBytes = 12;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 128 * rowBytes, maxLength: 128 * rowBytes }), (rows) => {
        const columns = transposeBits(rows, rowBytes, 64);
        expect(columns).toHaveLength(64 * 16);
        for (const [m, b] of [
          [0, 0],
          [127, 63],
          [5, 33],
          [64, 7],
        ] as const) {
          expect(bit(columns, b * 128 + m)).toBe(bit(rows, m * rowBytes * 8 + b));
        }
      }),
      { numRuns: 20 },
    );
  });
});
