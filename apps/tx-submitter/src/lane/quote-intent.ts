/** Whether an intent can be signed now, and at what price. Pure. */
import { type Block, type FeeMarket, type Fees, intrinsicGas, quoteFees } from '@quorate/evm';
import { type TxIntent } from '@quorate/protocol';

import { transferGas } from './attempt-transaction';
import { type IntentSimulation } from './simulations';

/** What the chain says now; amounts in wei, times in milliseconds since 1970. */
export interface ChainFacts {
  head: Block;
  market: FeeMarket;
  balance: bigint;
  /** Absent for a plain transfer that names its gas limit. */
  simulation?: IntentSimulation | undefined;
  /** Whether what the lane was asked for earlier, and the chain has not executed, may be what it builds on. */
  hasEarlier: boolean;
  now: number;
}

/**
 * `go`: reserve a nonce and have it signed. `wait`: the chain may change so that it fits. `later`: it cannot be told yet.
 * `give-up`: it never will, or its time is over.
 */
export type IntentQuote =
  | ({ kind: 'go'; gasLimit: bigint } & Fees)
  | { kind: 'wait'; code: 'fee-ceiling' | 'funds'; reason: string }
  | { kind: 'later'; reason: string }
  | { kind: 'give-up'; code: string; reason: string };

/** Prices an intent within its ceilings. What waits at the intent's expiry is given up. */
export function quoteIntent(intent: TxIntent, facts: ChainFacts): IntentQuote {
  const quote = quoteAtAnyTime(intent, facts);
  if (facts.now < Date.parse(intent.expiresAt) || quote.kind === 'give-up') return quote;
  const waited = quote.kind === 'go' ? ' in the queue of its lane' : `: ${quote.reason}`;
  return {
    kind: 'give-up',
    code: 'expired',
    reason: `expiresAt ${intent.expiresAt} passed while it waited${waited}`,
  };
}

function quoteAtAnyTime(intent: TxIntent, facts: ChainFacts): IntentQuote {
  const { market, balance } = facts;
  const gas = gasLimitOf(intent, facts);
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

/** The most that the terms of an intent let its transactions offer, in wei per gas. */
export function ceilingPerGas(
  { value, maxCost, maxFeePerGas }: Pick<TxIntent, 'value' | 'maxCost' | 'maxFeePerGas'>,
  gasLimit: bigint,
): bigint {
  const affordable = (BigInt(maxCost) - BigInt(value)) / gasLimit;
  return affordable < BigInt(maxFeePerGas) ? affordable : BigInt(maxFeePerGas);
}

function gasLimitOf(
  intent: TxIntent,
  { head, simulation, hasEarlier }: ChainFacts,
): bigint | Exclude<IntentQuote, { kind: 'go' }> {
  const least = intrinsicGas(intent.data);
  const given = intent.gasLimit === undefined ? undefined : BigInt(intent.gasLimit);
  if (given !== undefined && given < least)
    return gasRefused(`gasLimit ${given} is below the ${least} that any such call uses`);
  if (given !== undefined && given > head.gasLimit)
    return gasRefused(`gasLimit ${given} is above the block gas limit ${head.gasLimit}`);
  switch (simulation?.kind) {
    case undefined:
      return given ?? gasRefused('its gas was not estimated');
    case 'unknown':
      return { kind: 'later', reason: `it could not be simulated: ${simulation.reason}` };
    case 'funds':
      return { kind: 'wait', code: 'funds', reason: simulation.reason };
    case 'reverts':
      return hasEarlier
        ? { kind: 'later', reason: `it would fail now: ${simulation.reason}` }
        : { kind: 'give-up', code: 'would-revert', reason: simulation.reason };
    case 'succeeds': {
      if (given !== undefined) return given;
      if (simulation.gas < transferGas)
        return {
          kind: 'later',
          reason: `an endpoint estimates ${simulation.gas} gas, less than any call uses`,
        };
      // What a contract does may change until inclusion; a plain transfer costs the same always.
      const { gas } = simulation;
      const withMargin = gas === least ? gas : (gas * 6n) / 5n;
      return withMargin < head.gasLimit ? withMargin : head.gasLimit;
    }
  }
}

function gasRefused(reason: string): Extract<IntentQuote, { kind: 'give-up' }> {
  return { kind: 'give-up', code: 'gas-limit', reason };
}
