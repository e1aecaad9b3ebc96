import fc from 'fast-check';
import { type BlockCipher, correlationCipher } from '../correlation-hash';
import { type HashedColumns, type KernelRows } from '../rvole-kernel';
import { Q, scalarToBytes } from '../../group/scalar';
import { suite } from '../../suite';
import { seededRandom } from '../../testing/seeded-random';
import { assertKernel } from './assert-kernel';
import { bigintKernel } from './bigint-kernel';
import { instantiateKernel } from './kernel-module';
import { wasmKernel } from './wasm-kernel';

const MAX = 2n ** 256n - 1n;
const EXTREMES = [0n, 1n, Q - 1n, Q, MAX, MAX - 1n, 2n ** 255n, 2n ** 29n - 1n, 2n ** 232n, 2n ** 256n - Q];

const scalar = fc
  .oneof(fc.constantFrom(0n, 1n, Q - 1n), fc.bigInt({ min: 0n, max: Q - 1n }))
  .map(scalarToBytes);
const integer = fc.oneof(fc.constantFrom(...EXTREMES), fc.bigInt({ min: 0n, max: MAX }));
const xi = fc.constantFrom(suite(1).xi, suite(2).xi);
const seed = fc.string({ minLength: 4, maxLength: 8 });

const littleEndian = (x: bigint) => Buffer.from(x.toString(16).padStart(64, '0'), 'hex').reverse();

/** A gadget whose entries are extreme, every one of them where there are few. */
const gadgetOf = (rows: number, values: readonly bigint[]) =>
  Buffer.concat(Array.from({ length: rows }, (_, b) => littleEndian(values[b % values.length] ?? 0n)));

/**
 * A "cipher" that makes rows as extreme as the integers: a 16-byte column comes out as zeros, so that the rows are what
 * the second encryption returns. Both kernels see the same rows, whether they ask for one half at a time or for both.
 */
const rowsFrom =
  (values: readonly bigint[]): BlockCipher =>
  (blocks) => {
    if (blocks.length % 96 !== 0 || blocks.length < 96 * 512) return Buffer.alloc(blocks.length);
    const integers = Array.from(
      { length: blocks.length / 32 },
      (_, k) => values[(k % 16) % values.length] ?? 0n,
    );
    return Buffer.concat(integers.map(littleEndian));
  };

const columns = (source: BlockCipher, rows: number, firstIndex: number): HashedColumns => ({
  encrypt: source,
  columns: seededRandom('columns')(16 * rows),
  firstIndex,
});

const realCipher = (name: string): BlockCipher => {
  const random = seededRandom(name);
  const [pairctx, receiverNonce, senderNonce, digest] = [random(32), random(32), random(32), random(32)];
  return correlationCipher({ pairctx, receiverNonce, senderNonce, messageDigest: digest });
};

const cipher = fc.oneof(
  seed.map(realCipher),
  fc.array(integer, { minLength: 1, maxLength: 7 }).map(rowsFrom),
);

function compareRows(
  [actual, expected]: [KernelRows, KernelRows],
  thetas: [Buffer, Buffer],
  gadget: Buffer,
): void {
  const digits = Buffer.from(actual.checkColumn(...thetas)).toString('latin1');
  expect(digits).toBe(Buffer.from(expected.checkColumn(...thetas)).toString('latin1'));
  expect(actual.innerProducts(gadget)).toEqual(expected.innerProducts(gadget));
}

describe('the WebAssembly kernel computes what the BigInt kernel computes (sections 6 and 15)', () => {
  const entries = fc.array(integer, { minLength: 1, maxLength: 5 });
  const options = { numRuns: 25 };

  it('as sender', () => {
    fc.assert(
      fc.property(
        fc.record({
          xi,
          cipher,
          seed,
          entries,
          a: fc.tuple(scalar, scalar, scalar),
          t: fc.tuple(scalar, scalar),
        }),
        ({ xi, cipher, seed, entries, a, t }) => {
          const source = columns(cipher, xi, 3 * xi);
          const nabla = seededRandom(seed)(16);
          const [actual, expected] = [Buffer.alloc(96 * xi), Buffer.alloc(96 * xi)];
          const rows = wasmKernel.blind(source, nabla, a, actual);
          const reference = bigintKernel.blind(source, nabla, a, expected);
          expect(actual.equals(expected)).toBe(true);
          compareRows([rows, reference], t, gadgetOf(xi, entries));
        },
      ),
      options,
    );
  });

  it('as receiver', () => {
    fc.assert(
      fc.property(
        fc.record({
          xi,
          cipher,
          entries,
          atilde: fc.array(integer, { minLength: 1, maxLength: 5 }),
          eta: scalar,
          t: fc.tuple(scalar, scalar),
          beta: fc.oneof(
            seed.map((s) => seededRandom(s)(3 * 112)),
            fc.constant(Buffer.alloc(3 * 112, 0xff)),
          ),
        }),
        ({ xi, cipher, entries, atilde, eta, t, beta }) => {
          const source = columns(cipher, xi, 2 * xi - 3);
          const canonical = gadgetOf(3 * xi, atilde.map((x) => x % Q)); // prettier-ignore
          const rows = wasmKernel.unblind(source, canonical, eta, beta);
          const reference = bigintKernel.unblind(source, canonical, eta, beta);
          const gadget = gadgetOf(xi, entries);
          compareRows([rows, reference], t, gadget);
          expect(rows.select(gadget)).toEqual(reference.select(gadget));
        },
      ),
      options,
    );
  });

  it.each([1, 2] as const)('all limbs all ones, suite %i: no column overflows', (suiteId) => {
    const rows = suite(suiteId).xi;
    const ones = rowsFrom([MAX]);
    const beta = Buffer.alloc(112, 0xff);
    const source = columns(ones, rows, 0);
    const [theta, atilde] = [scalarToBytes(Q - 1n), gadgetOf(3 * rows, [Q - 1n])];
    const pair: [KernelRows, KernelRows] = [
      wasmKernel.unblind(source, atilde, scalarToBytes(1n), beta),
      bigintKernel.unblind(source, atilde, scalarToBytes(1n), beta),
    ];
    compareRows(pair, [theta, theta], gadgetOf(rows, [MAX]));
  });

  it('canonical entries', () => {
    fc.assert(
      fc.property(fc.array(integer, { minLength: 1, maxLength: 6 }), (values) => {
        const rows = Buffer.concat(values.map(littleEndian));
        expect(wasmKernel.allCanonical(rows)).toBe(values.every((x) => x < Q));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the memory of the kernel', () => {
  it('holds nothing after a wipe', () => {
    const fill = jest.spyOn(Buffer.prototype, 'fill');
    const inputs: [Buffer, Buffer, Buffer] = [scalarToBytes(1n), scalarToBytes(2n), scalarToBytes(3n)];
    wasmKernel.blind(
      columns(realCipher('wiped'), 752, 0),
      Buffer.alloc(16, 7),
      inputs,
      Buffer.alloc(96 * 752),
    );
    fill.mockClear();
    wasmKernel.wipe();
    const memory: unknown = fill.mock.contexts[0];
    fill.mockRestore();
    if (!Buffer.isBuffer(memory)) throw new Error('nothing was wiped');
    const { at } = instantiateKernel();
    expect(memory.subarray(0, at.ROWS_IN).every((byte) => byte === 0)).toBe(true);
  });

  it('is large enough for every array', () => {
    const { at, memory } = instantiateKernel();
    expect(at.END).toBeLessThanOrEqual(memory.length);
  });
});

describe('start-up assertion', () => {
  it('passes here', () => {
    expect(assertKernel).not.toThrow();
  });

  it('names a remedy where WebAssembly does not work', () => {
    const compile = jest.spyOn(WebAssembly, 'Module').mockImplementation(() => {
      throw new Error('no SIMD');
    });
    expect(assertKernel).toThrow('SIMD');
    compile.mockRestore();
  });
});
