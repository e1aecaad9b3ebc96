import { type Block } from '@quorate/evm';

import { agree, compare, type Tip } from './head-agreement';
import { HeadTrack } from './head-track';

/** A block of a fork: forks a and b are the same up to block 3. */
function block(fork: string, number: number): Block {
  const name = (n: number) => (n <= 3 ? `main${n}` : `${fork}${n}`);
  return {
    ...{ number, hash: name(number), parentHash: name(number - 1), transactions: [] },
    ...{ baseFeePerGas: 0n, gasUsed: 0n, gasLimit: 30n },
  };
}

/** An endpoint that showed these heads of a fork, one after the other. */
function tip(endpoint: string, fork: string, ...heads: number[]): Tip {
  const track = new HeadTrack();
  for (const number of heads) track.note(block(fork, number), 0);
  const number = heads.at(-1) ?? 0;
  return {
    ...{ endpoint, number, hash: block(fork, number).hash, heights: track.heights },
    hashAt: (height) => track.hashAt(height),
  };
}

const names = (tips: readonly Tip[]) => tips.map(({ endpoint }) => endpoint);

describe('agree', () => {
  it('takes endpoints at different heights of one chain together, highest first', () => {
    const agreement = agree([tip('slow', 'a', 3, 4), tip('fast', 'a', 4, 5, 6), tip('new', 'a', 5)]);
    expect(names(agreement.members)).toEqual(['fast', 'new', 'slow']);
    expect(agreement).toMatchObject({ apart: [], disputed: false });
  });

  it('follows the chain of most, however high another is', () => {
    const tips = [tip('forked', 'b', 4, 5, 6, 7, 8, 9), tip('one', 'a', 4, 5), tip('two', 'a', 5, 6)];
    const agreement = agree(tips, { number: 9, hash: 'b9' });
    expect(names(agreement.members)).toEqual(['two', 'one']);
    expect(names(agreement.apart)).toEqual(['forked']);
    expect(agreement.disputed).toBe(false);
  });

  it('stays with the chain that it follows while two endpoints disagree, and says so', () => {
    const a = tip('a', 'a', 4, 5);
    const b = tip('b', 'b', 4, 5, 6, 7);
    expect(agree([a, b], { number: 5, hash: 'a5' })).toMatchObject({
      members: [a],
      apart: [b],
      disputed: true,
    });
    expect(agree([a, b], { number: 4, hash: 'b4' })).toMatchObject({
      members: [b],
      apart: [a],
      disputed: true,
    });
    expect(agree([a, b])).toMatchObject({ members: [b], disputed: true });
  });

  it('follows nothing when nobody shows a head', () => {
    expect(agree([])).toEqual({ members: [], apart: [], disputed: false });
  });
});

describe('compare', () => {
  it('looks at the highest block that both told', () => {
    expect(compare(tip('x', 'a', 3, 4), tip('y', 'b', 3, 4, 5))).toBe('other');
    expect(compare(tip('x', 'a', 2, 3), tip('y', 'b', 3, 4, 5))).toBe('same');
    expect(compare(tip('x', 'a', 9), tip('y', 'a', 2))).toBe('unknown');
  });
});

describe('HeadTrack', () => {
  it('notices a head that goes back, until it is where it was, or has gone on for a while', () => {
    const track = new HeadTrack();
    for (const number of [5, 6, 4]) track.note(block('a', number), number);
    expect(track.fellFrom).toBe(6);
    track.note(block('a', 5), 5);
    expect(track.fellFrom).toBe(6);
    track.note(block('a', 6), 6);
    expect(track.fellFrom).toBeUndefined();
    for (const number of [2, 3, 4]) track.note(block('a', number), number);
    expect(track.fellFrom).toBe(6);
    track.note(block('a', 5), 5);
    expect(track.fellFrom).toBeUndefined();
  });

  it('forgets what it knew of a fork that lost', () => {
    const track = new HeadTrack();
    for (const number of [4, 5, 6]) track.note(block('a', number), 0);
    track.note(block('b', 6), 0);
    expect(track.heights).toEqual([6, 5]);
    expect(track.hashAt(5)).toBe('b5');
  });

  it('measures the pause between blocks', () => {
    const track = new HeadTrack();
    track.note(block('a', 5), 0);
    track.note(block('a', 6), 1000);
    expect(track.blockMs).toBe(1000);
    track.note(block('a', 8), 5000);
    expect(track).toMatchObject({ blockMs: 1200, advancedAt: 5000 });
  });
});
