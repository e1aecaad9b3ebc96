import { presign } from '../test/presign-harness';
import { seededRandom } from '../test/seeded-random';
import { dealKey } from '../test/trusted-dealer';
import { type PresignatureBatch } from './presignature';
import { mod, scalarFromBytes } from './scalar';

/** Sum over the parties of one secret of presignature p. */
function total(batches: ReadonlyMap<number, PresignatureBatch>, p: number, field: 'phi' | 'u' | 'v'): bigint {
  let sum = 0n;
  for (const { presignatures } of batches.values()) {
    sum += scalarFromBytes(presignatures[p]?.[field] ?? Buffer.alloc(0));
  }
  return mod(sum);
}

describe('presigning (section 7)', () => {
  it('sum v = x * phi for every presignature', () => {
    const { secretKey, shares } = dealKey(2, 3, seededRandom('2-of-3'));
    const batches = presign(shares, [1, 3], 2, 'run');
    for (const p of [0, 1]) expect(total(batches, p, 'v')).toBe(mod(secretKey * total(batches, p, 'phi')));
  });
});
