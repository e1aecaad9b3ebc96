import { createCipheriv } from 'node:crypto';
import { expandSeeds, forgetSeeds } from './seed-expansion';
import { seededRandom } from '../testing/seeded-random';

const random = seededRandom('seeds');

function rowsOf(seeds: Buffer, iv: Buffer, bytes: number): Buffer[] {
  const rows: Buffer[] = [];
  expandSeeds(seeds, iv, bytes, (m, row) => (rows[m] = Buffer.from(row)));
  return rows;
}

const counterMode = (seeds: Buffer, iv: Buffer, bytes: number) =>
  Array.from({ length: 128 }, (_, m) =>
    createCipheriv('aes-256-ctr', seeds.subarray(32 * m, 32 * (m + 1)), iv).update(Buffer.alloc(bytes)),
  );

describe('seed expansion (section 5.1)', () => {
  it.each([
    ['a random counter', random(16)],
    ['a carry out of 64 bits', Buffer.from(`0000000000000005${'ff'.repeat(8)}`, 'hex')],
    ['a carry out of 128 bits', Buffer.alloc(16, 0xff)],
  ])('is AES-256-CTR with %s, and again from the kept ciphers', (_, iv) => {
    const seeds = random(128 * 32);
    const expected = counterMode(seeds, iv, 112);
    expect(rowsOf(seeds, iv, 112)).toEqual(expected);
    expect(rowsOf(seeds, iv, 112)).toEqual(expected);
  });

  it('forgotten seeds are not expanded again, and others stay right when many are in use', () => {
    const iv = random(16);
    const lists = Array.from({ length: 100 }, () => random(128 * 32));
    for (const seeds of lists) rowsOf(seeds, iv, 16);
    for (const seeds of lists.slice(0, 8)) expect(rowsOf(seeds, iv, 16)).toEqual(counterMode(seeds, iv, 16));
    const [wiped] = lists;
    if (!wiped) throw new Error('there are lists');
    forgetSeeds(wiped);
    wiped.fill(0);
    expect(rowsOf(wiped, iv, 16)).toEqual(counterMode(Buffer.alloc(128 * 32), iv, 16));
  });
});
