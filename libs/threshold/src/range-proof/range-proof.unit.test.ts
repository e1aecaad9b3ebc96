import { randomScalarBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';
import { proveRange, verifyRange } from './range-proof';

const random = seededRandom('range-proof');
const context = Buffer.from('session');

describe('range proofs', () => {
  test.each([
    [8, 1],
    [8, 4],
    [64, 2],
  ])('%d bits, %d values', (bits, count) => {
    const values = Array.from({ length: count }, () => random(8).readBigUInt64BE(0) >> BigInt(64 - bits));
    const blindings = values.map(() => randomScalarBytes(random));
    const { commitments, proof } = proveRange({ context, values, blindings, bits, random });
    expect(verifyRange({ context, commitments, bits, proof })).toBe(true);
    expect(verifyRange({ context: Buffer.from('another'), commitments, bits, proof })).toBe(false);
  });
});
