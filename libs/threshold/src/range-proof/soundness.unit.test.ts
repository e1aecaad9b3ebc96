import { hashToPoint } from '../group/hash-to-point';
import { type Point } from '../group/point';
import { mod, randomScalarBytes, scalarFromBytes } from '../group/scalar';
import { H } from '../hash';
import { seededRandom } from '../testing/seeded-random';
import { encodeRangeProof, parseRangeProof } from './encoding';
import { type Generators, generators } from './generators';
import { proveBits } from './prover';
import { commitValue, verifyRange } from './range-proof';
import { type Claim, proveAnything } from './testing/reference-prover';
import { multiExponentiation, toNoble } from './testing/reference-verifier';
import { type Statement, statementTranscript, Transcript } from './transcript';
import { verifyBits, verifyWith } from './verifier';

const BITS = 8;
const context = Buffer.from('session');
const random = seededRandom('soundness');
const blinding = randomScalarBytes(random);
const gamma = scalarFromBytes(blinding);
const bases = generators(BITS);
const bitsOf = (value: bigint) => Array.from({ length: BITS }, (_, k) => (value >> BigInt(k)) & 1n);
const minusOne = (vector: readonly bigint[]) => vector.map((entry) => mod(entry - 1n));

/** V = v * G + gamma * H for any v modulo q. */
function commitAnything(value: bigint): Point {
  const points = [bases.valueBase, bases.blindingBase].map(toNoble);
  return Buffer.from(multiExponentiation(points, [value, gamma]).toBytes(true)) as Point;
}

function statementOf(commitment: Point): Statement {
  return { context, bits: BITS, commitments: [commitment], generators: bases };
}

/** Whether the verifier accepts what a prover without scruples makes of the vectors for this value. */
function accepts(
  value: bigint,
  aL: readonly bigint[],
  aR: readonly bigint[],
  errors: Pick<Claim, 't1Error' | 'muError'> = {},
): boolean {
  const statement = statementOf(commitAnything(value));
  const claim = { bits: BITS, generators: bases, aL, aR, blindings: [gamma], ...errors };
  const { proof } = proveAnything(statementTranscript(statement), claim, random);
  return verifyRange({ ...statement, proof: encodeRangeProof(proof) });
}

describe('a malicious prover', () => {
  test('is taken at its word when it is honest: the forger of these tests makes valid proofs', () => {
    for (const value of [0n, 1n, 178n, 255n]) {
      expect(accepts(value, bitsOf(value), minusOne(bitsOf(value)))).toBe(true);
    }
  });

  test.each([256n, 256n + 177n, 2n ** 64n, -1n])(
    'cannot pass the bits of %d mod 2^8 off as the value',
    (value) => {
      const aL = Uint8Array.from(bitsOf(mod(value) % 256n), Number);
      const proofOf = (v: bigint) => {
        const statement = statementOf(commitAnything(v));
        return { ...statement, proof: proveBits(statement, { aL, blindings: [blinding] }, random) };
      };
      expect(verifyRange(proofOf(mod(value) % 256n))).toBe(true);
      expect(verifyRange(proofOf(value))).toBe(false);
    },
  );

  test('cannot use digits that are no bits', () => {
    const digits = (...entries: bigint[]) => [
      ...entries,
      ...new Array<bigint>(BITS - entries.length).fill(0n),
    ];
    const two = [...new Array<bigint>(BITS - 1).fill(0n), 2n]; // 2 * 2^7 = 2^8
    expect(accepts(256n, two, minusOne(two))).toBe(false);
    expect(accepts(-1n, digits(mod(-1n)), minusOne(digits(mod(-1n))))).toBe(false);
    expect(accepts(1000n, digits(1000n), minusOne(digits(1000n)))).toBe(false);
    expect(accepts(2n, digits(2n), minusOne(digits(2n)))).toBe(false); // in range, but not written in bits
  });

  test('cannot choose a_R freely', () => {
    const two = [...new Array<bigint>(BITS - 1).fill(0n), 2n];
    const zeros = new Array<bigint>(BITS).fill(0n);
    expect(accepts(256n, two, zeros)).toBe(false); // a_L o a_R = 0, but a_R is not a_L - 1
    expect(accepts(0n, zeros, zeros)).toBe(false);
  });

  test('cannot commit to another polynomial', () => {
    expect(accepts(177n, bitsOf(177n), minusOne(bitsOf(177n)), { t1Error: 1n })).toBe(false);
  });

  test('cannot have the errors of both checks cancel: their weights are random', () => {
    expect(accepts(177n, bitsOf(177n), minusOne(bitsOf(177n)), { muError: 1n })).toBe(false);
  });
});

test('a valid proof for a size that the interface does not offer is refused', () => {
  const blindings = [randomScalarBytes(random), randomScalarBytes(random)];
  const commitments = blindings.map((factor, j) => commitValue(BigInt(j + 9), factor));
  const statement = { context, bits: 4, commitments, generators: bases };
  const aL = Uint8Array.from([1, 0, 0, 1, 0, 1, 0, 1]);
  const proof = proveBits(statement, { aL, blindings }, random);
  const parsed = parseRangeProof(proof, 4, 2);
  expect(parsed && verifyBits(statement, parsed)).toBe(true);
  expect(verifyRange({ ...statement, proof })).toBe(false);
});

describe('other generators', () => {
  const statement = statementOf(commitValue(177n, blinding));
  const aL = Uint8Array.from(bitsOf(177n), Number);
  const proof = parseRangeProof(proveBits(statement, { aL, blindings: [blinding] }, random), BITS, 1);
  const other = hashToPoint(H('rp/generator', 'other'));

  test.each<[string, Partial<Generators>]>([
    ['value base', { valueBase: other }],
    ['blinding base', { blindingBase: other }],
    ['inner-product base', { innerProductBase: other }],
    ['vector g', { g: [...bases.g.slice(1), other] }],
    ['vector h', { h: [other, ...bases.h.slice(1)] }],
    ['vectors exchanged', { g: bases.h, h: bases.g }],
  ])('in the verifier, %s: refused', (_, change) => {
    if (!proof) throw new Error('no proof');
    expect(verifyBits(statement, proof)).toBe(true);
    expect(verifyBits({ ...statement, generators: { ...bases, ...change } }, proof)).toBe(false);
  });
});

describe('Frozen Heart: commitments chosen after the challenges', () => {
  const aL = bitsOf(0n);
  const claim = { bits: BITS, generators: bases, aL, aR: minusOne(aL), blindings: [gamma], t1Error: 1n };
  /** The transcript of the paper's first versions: everything but the commitments. */
  const frozen = () =>
    new Transcript(context, BITS, 1, bases.valueBase, bases.blindingBase, bases.innerProductBase);

  test('forge a proof for a value far out of range where the transcript leaves the commitments out', () => {
    const { proof, value } = proveAnything(frozen(), claim, random);
    const forged = statementOf(commitAnything(value));
    expect(value).toBeGreaterThan(2n ** 64n);
    expect(verifyWith(frozen(), forged, proof)).toBe(true);
    expect(verifyBits(forged, proof)).toBe(false);
    expect(verifyRange({ ...forged, proof: encodeRangeProof(proof) })).toBe(false);
  });

  test('fail against this transcript: with the new commitment all challenges are others', () => {
    let commitment = commitValue(0n, blinding);
    for (let attempt = 0; attempt < 3; attempt++) {
      const { proof, value } = proveAnything(statementTranscript(statementOf(commitment)), claim, random);
      const previous = commitment;
      commitment = commitAnything(value);
      expect(verifyWith(statementTranscript(statementOf(previous)), statementOf(commitment), proof)).toBe(
        true,
      );
      expect(verifyBits(statementOf(commitment), proof)).toBe(false);
      expect(verifyBits(statementOf(previous), proof)).toBe(false);
    }
  });
});
