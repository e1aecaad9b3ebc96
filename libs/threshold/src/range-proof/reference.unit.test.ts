import { randomScalarBytes, scalarFromBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';
import { parseRangeProof, type RangeProof } from './encoding';
import { generators } from './generators';
import { proveBits, proveUnfolded } from './prover';
import { commitValue } from './range-proof';
import { SecretScalars } from './secret-scalars';
import { innerProduct, verifyFolded, verifyUnfolded } from './testing/reference-verifier';
import { type Statement, statementTranscript } from './transcript';
import { verifyBits } from './verifier';

const BITS = 8;

function setUp(values: readonly bigint[], seed: string) {
  const random = seededRandom(seed);
  const blindings = values.map(() => randomScalarBytes(random));
  const commitments = values.map((value, j) => commitValue(value, blindings[j] ?? Buffer.alloc(0)));
  const statement: Statement = {
    context: Buffer.from(seed),
    bits: BITS,
    commitments,
    generators: generators(BITS * values.length),
  };
  const aL = Uint8Array.from(
    values.flatMap((value) => Array.from({ length: BITS }, (_, k) => Number((value >> BigInt(k)) & 1n))),
  );
  return { statement, witness: { aL, blindings }, random };
}

/** Every message off by one, or replaced by another point. */
function mutations(proof: RangeProof): RangeProof[] {
  const { A, S, T1, T2, tauX, mu, tHat, rounds, a, b } = proof;
  return [
    { ...proof, A: S },
    { ...proof, S: A },
    { ...proof, T1: T2, T2: T1 },
    { ...proof, tauX: tauX + 1n },
    { ...proof, mu: mu + 1n },
    { ...proof, tHat: tHat + 1n },
    { ...proof, rounds: rounds.map(({ L, R }) => ({ L: R, R: L })) },
    { ...proof, a: a + 1n },
    { ...proof, a: b, b: a },
  ];
}

describe('against an independent implementation of the equations', () => {
  test.each([[[177n]], [[0n, 255n]]])('(64) to (68) hold before the inner-product argument: %p', (values) => {
    const { statement, witness, random } = setUp(values, 'unfolded');
    const scalars = new SecretScalars(random);
    const unfolded = proveUnfolded(statement, witness, statementTranscript(statement), scalars);
    const [tauX, mu, tHat] = [unfolded.tauX, unfolded.mu, unfolded.tHat].map((scalar) =>
      scalarFromBytes(scalar),
    );
    if (tauX === undefined || mu === undefined || tHat === undefined) throw new Error('no scalars');
    const messages = { ...unfolded, tauX, mu, tHat };
    const [l, r] = [
      unfolded.l.map((scalar) => scalarFromBytes(scalar)),
      unfolded.r.map((scalar) => scalarFromBytes(scalar)),
    ];
    expect(l).toHaveLength(BITS * values.length);
    expect(tHat).toBe(innerProduct(l, r));
    expect(verifyUnfolded(statement, messages, { l, r })).toBe(true);
    expect(verifyUnfolded(statement, messages, { l: r, r: l })).toBe(false);
    expect(verifyUnfolded(statement, { ...messages, T1: messages.T2 }, { l, r })).toBe(false);
  });

  test.each([[[177n]], [[0n, 255n]]])(
    'Protocol 2, folded step by step, accepts what the verifier accepts: %p',
    (values) => {
      const { statement, witness, random } = setUp(values, 'folded');
      const proof = parseRangeProof(proveBits(statement, witness, random), BITS, values.length);
      if (!proof) throw new Error('no proof');
      expect(verifyBits(statement, proof)).toBe(true);
      expect(verifyFolded(statement, proof)).toBe(true);
    },
  );

  test('and refuses what the verifier refuses', () => {
    const { statement, witness, random } = setUp([42n], 'refused');
    const proof = parseRangeProof(proveBits(statement, witness, random), BITS, 1);
    if (!proof) throw new Error('no proof');
    for (const mutation of mutations(proof)) {
      expect(verifyBits(statement, mutation)).toBe(false);
      expect(verifyFolded(statement, mutation)).toBe(false);
    }
  });
});
