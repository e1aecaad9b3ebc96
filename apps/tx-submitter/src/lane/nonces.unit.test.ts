import fc from 'fast-check';
import { Nonces } from './nonces';

const taken = (nonces: Nonces, count: number): bigint[] => {
  for (let i = 0; i < count; i += 1) nonces.take();
  return nonces.taken;
};

describe('the nonces of a lane', () => {
  it('are those that were given back, then new ones up to the window', () => {
    const nonces = new Nonces({ nextNonce: 9n, vacant: [5n, 7n] }, 4n, 7);
    expect(taken(nonces, 9)).toEqual([5n, 7n, 9n, 10n]);
    expect(nonces.next).toBeUndefined();
    expect(nonces.nextNonce).toBe(11n);
  });

  it('are never given twice and leave no gap, whatever is taken and given back (I2)', () => {
    const turns = fc.array(fc.record({ take: fc.nat(6), giveBack: fc.nat(3), mined: fc.nat(4) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(turns, (all) => {
        const held = new Set<bigint>();
        const row = { nextNonce: 0n, vacant: [] as bigint[] };
        let chainNonce = 0n;
        for (const { take, giveBack, mined } of all) {
          const nonces = new Nonces(row, chainNonce, 8);
          for (const nonce of taken(nonces, take)) {
            expect(held.has(nonce)).toBe(false);
            held.add(nonce);
          }
          row.nextNonce = nonces.nextNonce;
          row.vacant = row.vacant.filter((nonce) => !nonces.taken.includes(nonce));
          for (const nonce of [...held].filter((one) => one >= chainNonce).slice(0, giveBack)) {
            held.delete(nonce);
            row.vacant = [...row.vacant, nonce].sort((a, b) => Number(a - b));
          }
          for (let i = 0; i < mined && held.has(chainNonce); i += 1) chainNonce += 1n;
          // Every nonce below the next is held or can be given away again.
          for (let n = 0n; n < row.nextNonce; n += 1n)
            expect(held.has(n) || row.vacant.includes(n)).toBe(true);
          expect(row.nextNonce <= chainNonce + 8n).toBe(true);
        }
      }),
    );
  });
});
