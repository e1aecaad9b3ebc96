import { type IntentOptions } from '@quorate/client';
import { usageError } from '../exit-code';

/** The options of `send`; amounts are already decimal strings of wei. */
export interface SendOptions {
  to: string;
  value?: string;
  ether?: string;
  data: string;
  key?: string;
  path?: string;
  id?: string;
  gasLimit?: number;
  maxFeeGwei: string;
  maxCost?: string;
  confirmations?: number;
}

const TRANSFER_GAS = 21_000n;
/** What a call may burn when no gas limit is given: bounds the cost, not the gas. */
const CALL_GAS = 1_000_000n;

/**
 * The intent out of the options. Without --max-cost the ceiling is the value, plus the gas limit (21,000 without data,
 * 1,000,000 with data when it is left to estimation) at the highest fee.
 * @throws CommandFailure (usage) when both --value and --ether are given
 */
export function intentOf(options: SendOptions, stack: { keyId: string; chainId: string }): IntentOptions {
  const { to, data, path, id, gasLimit, confirmations, maxFeeGwei } = options;
  if (options.value !== undefined && options.ether !== undefined) {
    throw usageError('give --value (wei) or --ether, not both');
  }
  const value = options.value ?? options.ether ?? '0';
  const gas = gasLimit === undefined ? (data === '0x' ? TRANSFER_GAS : CALL_GAS) : BigInt(gasLimit);
  return {
    keyId: stack.keyId,
    chainId: stack.chainId,
    ...{ to, value, data },
    maxFeePerGas: maxFeeGwei,
    maxCost: options.maxCost ?? (BigInt(value) + gas * BigInt(maxFeeGwei)).toString(),
    ...(gasLimit === undefined ? {} : { gasLimit: String(gasLimit) }),
    ...(path === undefined ? {} : { path }),
    ...(id === undefined ? {} : { intentId: id }),
    ...(confirmations === undefined ? {} : { confirmations }),
  };
}
