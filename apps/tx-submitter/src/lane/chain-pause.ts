/** The switch for an emergency: no lane of a chain gives nonces away, those that are made later neither. */
import { type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';

export interface ChainPause {
  since: Date;
  by: string;
}

/** Ask with the lane locked: a pause that was answered to holds for every nonce that is given away from then on. */
export async function isChainPaused(tx: StoreTransaction, chainId: string): Promise<boolean> {
  return (await chainPause(tx, chainId)) !== undefined;
}

/** Undefined while the lanes of the chain are not all paused. */
export async function chainPause(tx: StoreTransaction, chainId: string): Promise<ChainPause | undefined> {
  const [pause] = await tx.query<{ since: Date; by: string }>(
    'SELECT since, by FROM chain_pause WHERE chain_id = $1',
    [chainId],
  );
  return pause;
}

/** Pauses all lanes of a chain, or ends that; a lane that was paused by itself stays so. Once it is so, nothing changes. */
export async function setChainPause(
  tx: StoreTransaction,
  chainId: string,
  isPaused: boolean,
  by: string,
): Promise<void> {
  const changed = isPaused
    ? await tx.query(
        'INSERT INTO chain_pause (chain_id, by) VALUES ($1, $2) ON CONFLICT (chain_id) DO NOTHING RETURNING chain_id',
        [chainId, by],
      )
    : await tx.query('DELETE FROM chain_pause WHERE chain_id = $1 RETURNING chain_id', [chainId]);
  if (changed.length === 0) return;
  // Waits for everybody who has a lane locked or creates one, and lets nobody do so before the commit.
  if (isPaused) await tx.query('LOCK TABLE lane IN EXCLUSIVE MODE');
  const streamId = streams.chain(chainId);
  const type = isPaused ? 'quorate.tx.lanes-paused.v1' : 'quorate.tx.lanes-resumed.v1';
  tx.appendNext(streamId, [{ type, data: { chainId, by }, correlationId: streamId, causationId: streamId }]);
}
