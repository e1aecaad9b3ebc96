import fc from 'fast-check';
import { agreedNonce, Nonces } from './nonces';

const taken = (nonces: Nonces, count: number): bigint[] => {
  for (let i = 0; i < count; i += 1) nonces.take();
  return nonces.taken;
};

describe('the nonces of a lane', () => {
  it('are those that were given back, then new ones while there is room', () => {
    const nonces = new Nonces({ nextNonce: 9n, vacant: [5n, 7n] }, 2);
    expect(taken(nonces, 9)).toEqual([5n, 7n, 9n, 10n]);
    expect(nonces.next).toBeUndefined();
    expect(nonces.nextNonce).toBe(11n);
  });

  it('that were given back are given away without room: later ones wait for them', () => {
    expect(taken(new Nonces({ nextNonce: 9n, vacant: [5n] }, 0), 3)).toEqual([5n]);
  });

  it('are never given twice and leave no gap, whatever is taken, accepted and given back (I2)', () => {
    const window = 8;
    const turn = fc.record({ take: fc.nat(6), accept: fc.nat(6), giveBack: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 30 }), (turns) => {
        const unaccepted = new Set<bigint>();
        const accepted = new Set<bigint>();
        const row = { nextNonce: 0n, vacant: [] as bigint[] };
        for (const { take, accept, giveBack } of turns) {
          const nonces = new Nonces(row, Math.max(0, window - unaccepted.size - row.vacant.length));
          for (const nonce of taken(nonces, take)) {
            expect(unaccepted.has(nonce) || accepted.has(nonce)).toBe(false);
            unaccepted.add(nonce);
          }
          row.nextNonce = nonces.nextNonce;
          row.vacant = row.vacant.filter((nonce) => !nonces.taken.includes(nonce));
          for (const nonce of [...unaccepted].slice(0, accept)) {
            unaccepted.delete(nonce);
            accepted.add(nonce);
          }
          for (const nonce of [...unaccepted].slice(0, giveBack)) {
            unaccepted.delete(nonce);
            row.vacant = [...row.vacant, nonce].sort((a, b) => Number(a - b));
          }
          // Every nonce below the next is held or can be given away again.
          for (let n = 0n; n < row.nextNonce; n += 1n)
            expect(unaccepted.has(n) || accepted.has(n) || row.vacant.includes(n)).toBe(true);
          expect(unaccepted.size + row.vacant.length).toBeLessThanOrEqual(window);
        }
      }),
    );
  });
});

describe('the nonce of the chain', () => {
  it('is what endpoints agree on, or what lies below the nonces that were given away here', () => {
    expect(agreedNonce({ agreed: 5, highest: 5 }, 0n)).toBe(5n);
    expect(agreedNonce({ agreed: 3, highest: 5 }, 5n)).toBe(3n);
  });

  it('is not known while one endpoint alone has seen more', () => {
    expect(() => agreedNonce({ agreed: 3, highest: 5 }, 4n)).toThrow('disagree');
  });
});
