/** Whether an intent can be signed now, and at what price. Pure. */
import {
  type Block,
  type FeeMarket,
  type Fees,
  type GasEstimate,
  intrinsicGas,
  quoteFees,
} from '@quorate/evm';
import { type TxIntent } from '@quorate/protocol';

/** What the chain says now; amounts in wei, times in milliseconds since 1970. */
export interface ChainFacts {
  head: Block;
  market: FeeMarket;
  balance: bigint;
  /** Absent when the intent names its gas limit. */
  estimate?: GasEstimate | undefined;
  now: number;
}

/**
 * `go`: reserve a nonce and have it signed. `wait`: the chain may change so that it fits. `give-up`: it never will, or
 * its time is over.
 */
export type IntentQuote =
  | ({ kind: 'go'; gasLimit: bigint } & Fees)
  | { kind: 'wait'; code: 'fee-ceiling' | 'funds'; reason: string }
  | { kind: 'give-up'; code: string; reason: string };

/** Prices an intent within its ceilings. What waits at the intent's expiry is given up. */
export function quoteIntent(intent: TxIntent, facts: ChainFacts): IntentQuote {
  const quote = quoteAtAnyTime(intent, facts);
  if (facts.now < Date.parse(intent.expiresAt) || quote.kind === 'give-up') return quote;
  const waited = quote.kind === 'wait' ? `: ${quote.reason}` : ' in the queue of its lane';
  return {
    kind: 'give-up',
    code: 'expired',
    reason: `expiresAt ${intent.expiresAt} passed while it waited${waited}`,
  };
}

function quoteAtAnyTime(intent: TxIntent, { head, market, balance, estimate }: ChainFacts): IntentQuote {
  const gas = gasLimitOf(intent, head, estimate);
  if (typeof gas !== 'bigint') return gas;
  const value = BigInt(intent.value);
  const limits = {
    value,
    gasLimit: gas,
    maxFeePerGas: BigInt(intent.maxFeePerGas),
    maxCost: BigInt(intent.maxCost),
  };
  const fees = quoteFees(limits, market);
  if (fees.kind === 'never') return { kind: 'give-up', code: 'fee-ceiling', reason: fees.reason };
  if (fees.kind === 'wait') {
    return {
      ...{ kind: 'wait', code: 'fee-ceiling' },
      reason: `the ceiling of ${fees.ceiling} wei per gas is below the ${fees.needed} that the chain asks`,
    };
  }
  const cost = value + gas * fees.maxFeePerGas;
  if (balance < cost) {
    const left = balance < 0n ? 0n : balance;
    return {
      kind: 'wait',
      code: 'funds',
      reason: `the account has ${left} wei to spare and may need ${cost}`,
    };
  }
  return { ...fees, kind: 'go', gasLimit: gas };
}

function gasLimitOf(intent: TxIntent, head: Block, estimate: GasEstimate | undefined): bigint | IntentQuote {
  const least = intrinsicGas(intent.data);
  if (intent.gasLimit !== undefined) {
    const gas = BigInt(intent.gasLimit);
    if (gas < least) return gasRefused(`gasLimit ${gas} is below the ${least} that any such call uses`);
    if (gas > head.gasLimit)
      return gasRefused(`gasLimit ${gas} is above the block gas limit ${head.gasLimit}`);
    return gas;
  }
  if (estimate === undefined) return gasRefused('its gas was not estimated');
  if (estimate.kind === 'fails') {
    if (/insufficient funds|balance/i.test(estimate.reason))
      return { kind: 'wait', code: 'funds', reason: estimate.reason };
    return { kind: 'give-up', code: 'would-revert', reason: `estimating its gas failed: ${estimate.reason}` };
  }
  // What a contract does may change until inclusion; a plain transfer costs the same always.
  const withMargin = estimate.gas === least ? estimate.gas : (estimate.gas * 6n) / 5n;
  return withMargin < head.gasLimit ? withMargin : head.gasLimit;
}

function gasRefused(reason: string): IntentQuote {
  return { kind: 'give-up', code: 'gas-limit', reason };
}
