/** Rules by which pools of some clients refuse transactions, for a node that has none of them. */
import { Transaction } from 'ethers';

import { type RpcFault, rpcError } from './rpc-call';

/** A replacement must pay a tenth more in both fees, as geth asks; with `strictly`, more than a tenth. */
export function strictBumps(strictly: boolean): RpcFault {
  const best = new Map<string, { fee: bigint; tip: bigint; hash: string }>();
  return {
    name: strictly ? 'replacements above a tenth' : 'replacements from a tenth',
    async apply(call, forward) {
      const { from, nonce, hash, maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(
        String(call.params[0]),
      );
      const fees = { fee: maxFeePerGas ?? 0n, tip: maxPriorityFeePerGas ?? 0n, hash: hash ?? '' };
      const place = `${from} ${nonce}`;
      const earlier = best.get(place);
      if (earlier !== undefined && earlier.hash !== fees.hash && !isEnough(fees, earlier, strictly))
        return rpcError('replacement transaction underpriced');
      best.set(place, fees);
      return forward();
    },
  };
}

/** An account may have so many transactions in the pool, as with erigon (16) and geth (64). */
export function queueLimit(transactions: number): RpcFault {
  return {
    name: `${transactions} transactions of an account`,
    async apply(call, forward) {
      const { from, nonce } = Transaction.from(String(call.params[0]));
      const count = await forward({ id: 0, method: 'eth_getTransactionCount', params: [from, 'latest'] });
      const isFull = count.kind === 'result' && nonce >= Number(count.result) + transactions;
      return isFull ? rpcError(`account limit exceeded: pooled ${transactions} txs`) : forward();
    },
  };
}

function isEnough(
  later: { fee: bigint; tip: bigint },
  earlier: { fee: bigint; tip: bigint },
  strictly: boolean,
): boolean {
  const above = (a: bigint, b: bigint) => (strictly ? a * 10n > b * 11n : a * 10n >= b * 11n);
  return above(later.fee, earlier.fee) && above(later.tip, earlier.tip);
}
