/** What a replacement must pay. Pure; amounts in wei per gas. */
import { type Fees } from '@quorate/evm';

/** `capped`: the ceiling is below what a replacement needs. */
export type ReplacementQuote = ({ kind: 'go' } & Fees) | { kind: 'capped'; needed: bigint };

/**
 * Fees for a transaction that takes the place of others at its nonce: both at least an eighth and 1 wei above the highest
 * so far. Clients ask for 10 %, and some refuse exactly 10 %.
 *
 * @param earlier the fees of the transactions so far.
 * @param usual what a new transaction would pay now.
 */
export function priceReplacement(
  earlier: readonly Omit<Fees, 'type'>[],
  usual: Fees,
  ceiling: bigint | undefined,
): ReplacementQuote {
  const leastTip = max(earlier.map((fees) => bumped(fees.maxPriorityFeePerGas)));
  const leastFee = max([leastTip, ...earlier.map((fees) => bumped(fees.maxFeePerGas))]);
  if (ceiling !== undefined && leastFee > ceiling) return { kind: 'capped', needed: leastFee };
  const wanted = max([leastFee, usual.maxFeePerGas]);
  const maxFeePerGas = ceiling !== undefined && wanted > ceiling ? ceiling : wanted;
  const tip = max([leastTip, usual.maxPriorityFeePerGas]);
  const maxPriorityFeePerGas = tip < maxFeePerGas ? tip : maxFeePerGas;
  return { kind: 'go', type: usual.type, maxFeePerGas, maxPriorityFeePerGas };
}

/** An eighth more, rounded up, and 1 wei. */
export function bumped(fee: bigint): bigint {
  return (fee * 9n + 7n) / 8n + 1n;
}

function max(amounts: readonly bigint[]): bigint {
  return amounts.reduce((a, b) => (a > b ? a : b), 0n);
}
