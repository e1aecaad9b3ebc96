/** Tries intents out before they get nonces: a transaction that fails costs its fee all the same. */
import { type Block, type Simulation } from '@quorate/evm';
import { type TxIntent } from '@quorate/protocol';

import { streamOf } from '../intent/events';
import { intentTerms } from '../intent/intent-terms';
import { type StoredIntent } from '../intent/stored-intent';
import { type Chain } from '../ports/chain.port';
import { transferGas } from './attempt-transaction';

/** Simulations at the same time. */
const concurrency = 16;

/** What would become of an intent; `unknown` with why nobody can tell just now. */
export type IntentSimulation = Simulation | { kind: 'unknown'; reason: string };

export class Simulations {
  /** Those that succeeded at the last head: what waits for a nonce is not tried again before the next block. */
  private succeeded = new Map<string, IntentSimulation>();
  private headHash = '';

  constructor(private readonly chain: Pick<Chain, 'simulate'>) {}

  /**
   * Simulates what intents ask for, from the account `from`, a few at a time. Those that can only transfer are left out.
   * Failures of the network never throw: they make an intent's outcome `unknown`.
   */
  async of(
    head: Pick<Block, 'hash'>,
    from: string,
    intents: readonly StoredIntent[],
  ): Promise<Map<StoredIntent, IntentSimulation>> {
    if (this.headHash !== head.hash) this.succeeded = new Map();
    this.headHash = head.hash;
    const { succeeded } = this;
    const simulations = new Map<StoredIntent, IntentSimulation>();
    const waiting = intents.values();
    const worker = async (): Promise<void> => {
      for (const intent of waiting) {
        const terms = intentTerms(intent);
        if (isPlainTransfer(terms)) continue;
        const simulation = succeeded.get(streamOf(intent)) ?? (await this.simulate(from, terms));
        if (simulation.kind === 'succeeds') succeeded.set(streamOf(intent), simulation);
        simulations.set(intent, simulation);
      }
    };
    // All take from the same iterator.
    await Promise.all(Array.from({ length: concurrency }, worker));
    return simulations;
  }

  private simulate(from: string, { to, value, data, gasLimit }: TxIntent): Promise<IntentSimulation> {
    const gas = gasLimit === undefined ? undefined : BigInt(gasLimit);
    return this.chain.simulate({ from, to, value: BigInt(value), data, gas });
  }
}

/** Whether it has no data, and no gas for any code at its recipient. */
export function isPlainTransfer({ data, gasLimit }: Pick<TxIntent, 'data' | 'gasLimit'>): boolean {
  return data === '0x' && gasLimit !== undefined && BigInt(gasLimit) <= transferGas;
}
