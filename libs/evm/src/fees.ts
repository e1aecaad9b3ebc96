/** Fee arithmetic, of EIP-1559 and of chains without it; all amounts in wei per gas unless said otherwise. */

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

/** What a transaction in the next block has to offer: on a chain with a base fee (EIP-1559), or without one. */
export type FeeMarket =
  { kind: 'base-fee'; baseFee: bigint; tip: bigint } | { kind: 'gas-price'; gasPrice: bigint };

/** The fees of a transaction: of type 2, or of type 0 on a chain without a base fee, where both are the gas price. */
export interface Fees {
  type: 0 | 2;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

/** What is usual: room for the base fee to double plus the tip, or the gas price that nodes suggest. */
export function usualFees(market: FeeMarket): Fees {
  if (market.kind === 'gas-price') {
    const { gasPrice } = market;
    return { type: 0, maxFeePerGas: gasPrice, maxPriorityFeePerGas: gasPrice };
  }
  const { baseFee, tip } = market;
  return { type: 2, maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip };
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
  | ({ kind: 'fees' } & Fees)
  | { kind: 'wait'; ceiling: bigint; needed: bigint }
  | { kind: 'never'; reason: string };

/** Prices a transaction: what is usual, within the ceilings. The tip gives way first. */
export function quoteFees(limits: FeeLimits, market: FeeMarket): FeeQuote {
  const { value, gasLimit, maxCost } = limits;
  if (value > maxCost) return { kind: 'never', reason: `maxCost ${maxCost} is below the value ${value}` };
  const affordable = (maxCost - value) / gasLimit;
  if (affordable === 0n || limits.maxFeePerGas === 0n) {
    return { kind: 'never', reason: `maxFeePerGas and maxCost leave no fee for ${gasLimit} gas` };
  }
  const ceiling = affordable < limits.maxFeePerGas ? affordable : limits.maxFeePerGas;
  const needed = market.kind === 'base-fee' ? market.baseFee : market.gasPrice;
  if (ceiling < needed) return { kind: 'wait', ceiling, needed };
  const usual = usualFees(market);
  if (market.kind === 'gas-price') return { kind: 'fees', ...usual };
  const maxFeePerGas = usual.maxFeePerGas < ceiling ? usual.maxFeePerGas : ceiling;
  const room = maxFeePerGas - market.baseFee;
  const maxPriorityFeePerGas = market.tip < room ? market.tip : room;
  return { kind: 'fees', type: 2, maxFeePerGas, maxPriorityFeePerGas };
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
