import fc from 'fast-check';
import { addMasked, allCanonical, bitMask, prepareAddend, subtractAdd, sumSelected, viewOf } from './limbs';
import { mod, Q } from '../group/scalar';

const MAX = 2n ** 256n - 1n;
const edges = [0n, 1n, Q - 1n, Q, Q + 1n, MAX, 2n ** 256n - Q, 2n ** 129n, 2n ** 255n];
const word = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: MAX }));
const scalar = fc.oneof(fc.constantFrom(0n, 1n, Q - 1n), fc.bigInt({ min: 0n, max: Q - 1n }));

const toRow = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex').reverse();
const fromRow = (row: Buffer) => BigInt(`0x${Buffer.from(row).reverse().toString('hex')}`);

describe('limb arithmetic (section 15)', () => {
  it('x - y + a mod q is canonical for any 256-bit x and y', () => {
    fc.assert(
      fc.property(word, word, scalar, (x, y, a) => {
        const out = Buffer.alloc(32);
        subtractAdd(viewOf(out), 0, viewOf(toRow(x)), viewOf(toRow(y)), prepareAddend(toRow(a)));
        expect(fromRow(out)).toBe(mod(x - y + a));
      }),
      { numRuns: 300 },
    );
  });

  it('x + bit*(y + z) mod q is canonical for any 256-bit x, y and z', () => {
    fc.assert(
      fc.property(word, word, word, fc.constantFrom(0, 1), (x, y, z, bit) => {
        const out = Buffer.alloc(32);
        addMasked(viewOf(out), 0, viewOf(toRow(x)), viewOf(toRow(y)), viewOf(toRow(z)), -bit);
        expect(fromRow(out)).toBe(mod(x + BigInt(bit) * (y + z)));
      }),
      { numRuns: 300 },
    );
  });

  it('finds a single row that is not below q', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (values) => {
        expect(allCanonical(Buffer.concat(values.map(toRow)))).toBe(values.every((x) => x < Q));
      }),
      { numRuns: 200 },
    );
  });

  it('sums the rows whose bit is set', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 20 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (values, bits) => {
          const first = 5;
          const expected = values.reduce(
            (sum, x, k) => sum - BigInt(bitMask(viewOf(bits), first + k)) * x,
            0n,
          );
          expect(sumSelected(Buffer.concat(values.map(toRow)), bits, first)).toBe(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
