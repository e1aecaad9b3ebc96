/** A lane: the transactions of one account on one chain, in nonce order. */
export interface LaneId {
  /** Decimal. */
  chainId: string;
  /** Lower case. */
  address: string;
}

/** A lane's name in maps and logs. */
export function laneName({ chainId, address }: LaneId): string {
  return `${chainId}/${address}`;
}
