import { type Block } from '@quorate/evm';
import { Unavailable } from '@quorate/platform';

import { ChainIdentity } from './chain-identity';

/** An endpoint of a chain, as far as it says who it is. */
const endpoint = (name: string, genesis: string | undefined, chainId = 31337n) => ({
  name,
  chainId: async () => chainId,
  block: async (): Promise<Block | undefined> =>
    genesis === undefined
      ? undefined
      : {
          ...{ number: 0, hash: genesis, parentHash: '0x0', transactions: [] },
          ...{ baseFeePerGas: 0n, gasUsed: 0n, gasLimit: 30n },
        },
});

describe('ChainIdentity', () => {
  let remembered: Map<string, string>;

  beforeEach(() => {
    remembered = new Map();
  });

  const identity = (quorum: number) =>
    new ChainIdentity(31337n, quorum, {
      genesisHash: async (chainId) => remembered.get(chainId),
      rememberGenesis: async (chainId, hash) => {
        if (!remembered.has(chainId)) remembered.set(chainId, hash);
        return remembered.get(chainId) ?? '';
      },
    });

  it('remembers the first block that enough endpoints name, and none before', async () => {
    const chain = identity(2);
    expect(await chain.verify(endpoint('a', 'G'))).toMatchObject({ kind: 'unsettled' });
    expect(await chain.verify(endpoint('a', 'G'))).toMatchObject({ kind: 'unsettled' });
    expect(await chain.verify(endpoint('b', 'other'))).toMatchObject({ kind: 'unsettled' });
    expect(remembered.size).toBe(0);
    expect(await chain.verify(endpoint('c', 'G'))).toEqual({ kind: 'ours' });
    expect(remembered.get('31337')).toBe('G');
    expect(await chain.verify(endpoint('a', 'G'))).toEqual({ kind: 'ours' });
    expect(await chain.verify(endpoint('b', 'other'))).toMatchObject({
      ...{ kind: 'other', reason: 'its first block is other; this submitter began on a chain with G' },
    });
  });

  it('needs one word only once it remembers', async () => {
    remembered.set('31337', 'G');
    expect(await identity(2).verify(endpoint('a', 'G'))).toEqual({ kind: 'ours' });
    expect(await identity(2).verify(endpoint('a', 'new'))).toMatchObject({ kind: 'other' });
  });

  it('tells another chain id from another first block', async () => {
    const chain = identity(1);
    expect(await chain.verify(endpoint('a', 'G', 1n))).toEqual({
      ...{ kind: 'other', reason: 'it serves chain 1, not 31337' },
    });
    expect([...chain.foreign]).toEqual(['a']);
    expect(await chain.verify(endpoint('a', undefined))).toMatchObject({ kind: 'unsettled' });
    expect(chain.foreign.size).toBe(0);
  });

  it('decides nothing while the memory is away', async () => {
    const chain = new ChainIdentity(31337n, 1, {
      genesisHash: () => Promise.reject(new Unavailable('database')),
      rememberGenesis: () => Promise.reject(new Unavailable('database')),
    });
    await expect(chain.verify(endpoint('a', 'G'))).rejects.toMatchObject({ code: 'database' });
  });
});
