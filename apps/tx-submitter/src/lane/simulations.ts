/** Tries intents out before they get nonces: a transaction that fails costs its fee all the same. */
import { type Simulation } from '@quorate/evm';
import { type TxIntent } from '@quorate/protocol';

import { intentTerms } from '../intent/intent-terms';
import { type StoredIntent } from '../intent/stored-intent';
import { type Chain } from '../ports/chain.port';
import { transferGas } from './attempt-transaction';

/** Simulations at the same time. */
const concurrency = 16;

/** What would become of an intent; `unknown` with why nobody can tell just now. */
export type IntentSimulation = Simulation | { kind: 'unknown'; reason: string };

/**
 * Simulates what intents ask for, from the account `from`, a few at a time. Those that can only transfer are left out.
 * Failures of the network never throw: they make an intent's outcome `unknown`.
 */
export async function simulateIntents(
  chain: Pick<Chain, 'simulate'>,
  from: string,
  intents: readonly StoredIntent[],
): Promise<Map<StoredIntent, IntentSimulation>> {
  const simulations = new Map<StoredIntent, IntentSimulation>();
  const waiting = intents.values();
  const worker = async (): Promise<void> => {
    for (const intent of waiting) {
      const { to, value, data, gasLimit } = intentTerms(intent);
      if (isPlainTransfer({ data, gasLimit })) continue;
      const gas = gasLimit === undefined ? undefined : BigInt(gasLimit);
      simulations.set(intent, await chain.simulate({ from, to, value: BigInt(value), data, gas }));
    }
  };
  // All take from the same iterator.
  await Promise.all(Array.from({ length: concurrency }, worker));
  return simulations;
}

/** Whether it has no data, and no gas for any code at its recipient. */
export function isPlainTransfer({ data, gasLimit }: Pick<TxIntent, 'data' | 'gasLimit'>): boolean {
  return data === '0x' && gasLimit !== undefined && BigInt(gasLimit) <= transferGas;
}
