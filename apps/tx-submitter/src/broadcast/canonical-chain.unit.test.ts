import { type Block } from '@quorate/evm';

import { CanonicalChain } from './canonical-chain';

/** Blocks of one fork: `a1`, `a2`, ...; the first has the given parent. */
function fork(name: string, from: number, to: number, parentHash: string): Block[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    ...{
      number: from + i,
      hash: `${name}${from + i}`,
      parentHash: i === 0 ? parentHash : `${name}${from + i - 1}`,
    },
    ...{ baseFeePerGas: 1n, gasUsed: 0n, gasLimit: 30n, transactions: [] },
  }));
}

const chainOf = (blocks: Block[]) => ({
  block: async (at: number | 'latest') =>
    at === 'latest' ? blocks.at(-1) : blocks.find(({ number }) => number === at),
});

async function follow(canonical: CanonicalChain, blocks: Block[]) {
  const head = blocks.at(-1);
  if (head === undefined) throw new Error('no head');
  const change = await canonical.compare(head, chainOf(blocks));
  if (change.kind === 'moved') canonical.apply(change);
  return change.kind === 'moved'
    ? { added: change.added.map(({ hash }) => hash), dropped: change.dropped.map(({ hash }) => hash) }
    : change.kind;
}

describe('CanonicalChain', () => {
  const a = fork('a', 1, 5, 'genesis');
  const b = [...a.slice(0, 3), ...fork('b', 4, 6, 'a3')];
  let canonical: CanonicalChain;

  beforeEach(async () => {
    canonical = new CanonicalChain();
    expect(await follow(canonical, a.slice(0, 1))).toBe('lost');
    canonical.restart(a[0] as Block);
  });

  it('adds the blocks between the last head and the new one, oldest first', async () => {
    expect(await follow(canonical, a)).toEqual({ added: ['a2', 'a3', 'a4', 'a5'], dropped: [] });
    expect(await follow(canonical, a)).toBe('same');
  });

  it('drops the blocks of the fork that lost', async () => {
    await follow(canonical, a);
    expect(await follow(canonical, b)).toEqual({ added: ['b4', 'b5', 'b6'], dropped: ['a4', 'a5'] });
    expect(canonical.head?.hash).toBe('b6');
  });

  it('drops blocks when the chain goes back', async () => {
    await follow(canonical, a);
    expect(await follow(canonical, a.slice(0, 3))).toEqual({ added: [], dropped: ['a4', 'a5'] });
  });

  it('is lost when nothing that it remembers is an ancestor', async () => {
    expect(await follow(canonical, fork('c', 1, 3, 'elsewhere'))).toBe('lost');
  });

  it('looks again when the chain changes while it is read', async () => {
    const [head] = b.slice(-1);
    if (head === undefined) throw new Error('no head');
    expect(await canonical.compare(head, chainOf(a))).toEqual({ kind: 'unsettled' });
    expect(canonical.head?.hash).toBe('a1');
  });
});
