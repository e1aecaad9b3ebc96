/** Fee arithmetic of EIP-1559; all amounts in wei per gas unless said otherwise. */

/** What the next base fee depends on. */
export interface BlockFees {
  baseFeePerGas: bigint;
  gasUsed: bigint;
  gasLimit: bigint;
}

/** The base fee of the block after this one (EIP-1559: at most 1/8 up or down). */
export function nextBaseFee({ baseFeePerGas, gasUsed, gasLimit }: BlockFees): bigint {
  const target = gasLimit / 2n;
  if (target === 0n || gasUsed === target) return baseFeePerGas;
  if (gasUsed > target) {
    const rise = (baseFeePerGas * (gasUsed - target)) / target / 8n;
    return baseFeePerGas + (rise > 1n ? rise : 1n);
  }
  return baseFeePerGas - (baseFeePerGas * (target - gasUsed)) / target / 8n;
}

export interface FeeLimits {
  value: bigint;
  gasLimit: bigint;
  /** Ceiling per gas. */
  maxFeePerGas: bigint;
  /** Ceiling in wei for value and gas together. */
  maxCost: bigint;
}

/**
 * `fees`: what to sign. `wait`: the ceiling is below what the chain asks now, which may change. `never`: no fee at all
 * fits the ceilings.
 */
export type FeeQuote =
  | { kind: 'fees'; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }
  | { kind: 'wait'; ceiling: bigint; needed: bigint }
  | { kind: 'never'; reason: string };

/**
 * Prices a transaction: room for the base fee to double plus the tip, within the ceilings. The tip gives way first.
 *
 * @param baseFee of the next block.
 * @param tip that the chain's nodes suggest.
 */
export function quoteFees(limits: FeeLimits, baseFee: bigint, tip: bigint): FeeQuote {
  const { value, gasLimit, maxCost } = limits;
  if (value > maxCost) return { kind: 'never', reason: `maxCost ${maxCost} is below the value ${value}` };
  const affordable = (maxCost - value) / gasLimit;
  if (affordable === 0n || limits.maxFeePerGas === 0n) {
    return { kind: 'never', reason: `maxFeePerGas and maxCost leave no fee for ${gasLimit} gas` };
  }
  const ceiling = affordable < limits.maxFeePerGas ? affordable : limits.maxFeePerGas;
  if (ceiling < baseFee) return { kind: 'wait', ceiling, needed: baseFee };
  const wanted = 2n * baseFee + tip;
  const maxFeePerGas = wanted < ceiling ? wanted : ceiling;
  const room = maxFeePerGas - baseFee;
  return { kind: 'fees', maxFeePerGas, maxPriorityFeePerGas: tip < room ? tip : room };
}

/**
 * The least gas limit that a node takes for a call with this data (0x-hex): 21000 and its calldata, at the prices of
 * EIP-2028 and with the floor of EIP-7623. Contract creations cost more.
 */
export function intrinsicGas(data: string): bigint {
  let tokens = 0n;
  for (let i = 2; i < data.length; i += 2) tokens += data.startsWith('00', i) ? 1n : 4n;
  return 21_000n + 10n * tokens;
}
