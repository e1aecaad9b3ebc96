import { type StoreTransaction } from '@quorate/event-store';
import { Unavailable } from '@quorate/platform';

import { type TransactionCount } from '../ports/chain.port';
import { type LaneId } from './lane';
import { type LaneRow } from './lane-table';

/**
 * Transactions of a lane that no block holds, at most. Each of them is kept in memory, is sent again when pools lose it,
 * and may have to be replaced when fees rise.
 */
const mostUnmined = 16_384n;

/** The nonces that a lane can give away now: first those that were given back, then new ones while there is room. */
export class Nonces {
  readonly taken: bigint[] = [];
  nextNonce: bigint;
  private readonly vacant: bigint[];
  private readonly end: bigint;

  /** @param room how many new ones there may be */
  constructor(row: Pick<LaneRow, 'nextNonce' | 'vacant'>, room: number) {
    this.nextNonce = row.nextNonce;
    this.vacant = [...row.vacant];
    this.end = row.nextNonce + BigInt(room);
  }

  /** Undefined when there is no room. Later nonces wait for those that were given back: for them there always is. */
  get next(): bigint | undefined {
    return this.vacant[0] ?? (this.nextNonce < this.end ? this.nextNonce : undefined);
  }

  take(): void {
    const nonce = this.next;
    if (nonce === undefined) return;
    if (this.vacant.shift() === undefined) this.nextNonce += 1n;
    this.taken.push(nonce);
  }
}

/**
 * The first nonce that the chain has not used.
 *
 * @param known up to which nonces are known to be given away here, whatever endpoints say.
 * @throws Unavailable `nonces` when endpoints disagree on what is above: a nonce too low is somebody else's, one too high
 *   leaves a gap.
 */
export function agreedNonce({ agreed, highest }: TransactionCount, known: bigint): bigint {
  if (highest <= agreed || BigInt(highest) <= known) return BigInt(agreed);
  throw new Unavailable(
    'nonces',
    `Endpoints disagree on how many transactions of the account are mined: ${agreed}, and ${highest} as one of them says.`,
  );
}

/**
 * How many new nonces a lane may give away: `window` of them may be without a first accept at once, whatever blocks hold.
 *
 * @param chainNonce the first nonce that no mined transaction used
 * @param unaccepted how many from there on were reserved, and no endpoint was seen to take a transaction of them
 */
export function roomOf(
  { nextNonce, vacant }: Pick<LaneRow, 'nextNonce' | 'vacant'>,
  chainNonce: bigint,
  unaccepted: number,
  window: number,
): number {
  const room = window - vacant.length - unaccepted;
  const unminedRoom = Number(mostUnmined - (nextNonce - chainNonce));
  return Math.max(0, Math.min(room, unminedRoom));
}

/** How many nonces of a lane, from `chainNonce` on, were reserved and have no first accept. */
export async function countUnaccepted(
  tx: StoreTransaction,
  lane: LaneId,
  chainNonce: bigint,
): Promise<number> {
  const [row] = await tx.query<{ unaccepted: string }>(
    `SELECT count(*) AS unaccepted FROM intent
     WHERE chain_id = $1 AND address = $2 AND nonce >= $3 AND NOT is_taken`,
    [lane.chainId, lane.address, chainNonce],
  );
  return Number(row?.unaccepted ?? 0);
}
