import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';

import { type ChainMemory } from '../../ports/chain-memory.port';

export class ChainIdentityTable implements ChainMemory {
  constructor(private readonly store: EventStore) {}

  genesisHash(chainId: string): Promise<string | undefined> {
    return this.store.transaction((tx) => read(tx, chainId), { durable: false });
  }

  rememberGenesis(chainId: string, hash: string): Promise<string> {
    return this.store.transaction(async (tx) => {
      await tx.query(
        'INSERT INTO chain_identity (chain_id, genesis_hash) VALUES ($1, $2) ON CONFLICT (chain_id) DO NOTHING',
        [chainId, hash],
      );
      const remembered = await read(tx, chainId);
      if (remembered === undefined)
        throw new Fatal('chain-identity', `The row of chain ${chainId} vanished.`);
      return remembered;
    });
  }
}

async function read(tx: StoreTransaction, chainId: string): Promise<string | undefined> {
  const rows = await tx.query<{ genesis_hash: string }>(
    'SELECT genesis_hash FROM chain_identity WHERE chain_id = $1',
    [chainId],
  );
  return rows[0]?.genesis_hash;
}
