import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';

import { type BlockId } from '../../endpoints/endpoint-events';
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

  async finalBlock(chainId: string): Promise<BlockId | undefined> {
    const [row] = await this.store.transaction(
      (tx) =>
        tx.query<{ number: string | null; hash: string | null }>(
          'SELECT final_number AS number, final_hash AS hash FROM chain_identity WHERE chain_id = $1',
          [chainId],
        ),
      { durable: false },
    );
    if (row === undefined || row.number === null || row.hash === null) return undefined;
    return { number: Number(row.number), hash: row.hash };
  }

  async rememberFinal(chainId: string, { number, hash }: BlockId): Promise<void> {
    // When it is lost in a crash, an older one is remembered, which is final, too.
    await this.store.transaction(
      (tx) =>
        tx.query(
          `UPDATE chain_identity SET final_number = $2, final_hash = $3
           WHERE chain_id = $1 AND coalesce(final_number < $2, true)`,
          [chainId, number, hash],
        ),
      { durable: false },
    );
  }

  async forgetFinal(chainId: string): Promise<void> {
    await this.store.transaction((tx) =>
      tx.query('UPDATE chain_identity SET final_number = NULL, final_hash = NULL WHERE chain_id = $1', [
        chainId,
      ]),
    );
  }
}

async function read(tx: StoreTransaction, chainId: string): Promise<string | undefined> {
  const rows = await tx.query<{ genesis_hash: string }>(
    'SELECT genesis_hash FROM chain_identity WHERE chain_id = $1',
    [chainId],
  );
  return rows[0]?.genesis_hash;
}
