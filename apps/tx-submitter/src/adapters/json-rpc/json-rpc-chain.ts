import {
  type Block,
  type Call,
  type GasEstimate,
  JsonRpcEndpoint,
  type Receipt,
  type SendVerdict,
} from '@quorate/evm';
import { Fatal, type Logger, QuorateError, Unavailable } from '@quorate/platform';

import { type Broadcast, FanOut } from '../../endpoints/fan-out';
import { type Chain } from '../../ports/chain.port';

/** A chain through its JSON-RPC endpoints: reads from the first that answers, sends to all. */
export class JsonRpcChain implements Chain {
  private readonly endpoints: JsonRpcEndpoint[];
  private readonly fanOut: FanOut;

  constructor(
    urls: string[],
    private readonly chainId: bigint,
    private readonly logger: Logger,
  ) {
    this.endpoints = urls.map((url) => new JsonRpcEndpoint(url, chainId));
    this.fanOut = new FanOut(
      {
        answered: ({ endpoint, verdict }, hash) => this.logger.debug({ endpoint, hash, verdict }, 'sent'),
        contradicted: (answers, hash) =>
          this.logger.warn({ hash, answers }, 'endpoints contradict each other'),
      },
      () => Date.now(),
    );
  }

  async check(): Promise<void> {
    const ids = await Promise.allSettled(this.endpoints.map((endpoint) => endpoint.chainId()));
    ids.forEach((id, i) => {
      if (id.status === 'fulfilled' && id.value !== this.chainId) {
        const name = this.endpoints[i]?.name ?? 'an endpoint';
        throw new Fatal(
          'chain-id',
          `${name} of RPC_URLS serves chain ${id.value}, but CHAIN_ID is ${this.chainId}.`,
        );
      }
    });
    if (ids.every((id) => id.status === 'rejected'))
      throw new Unavailable('rpc', 'No endpoint of RPC_URLS answers.');
  }

  block(at: number | 'latest'): Promise<Block | undefined> {
    return this.read((endpoint) => endpoint.block(at));
  }

  async finalizedNumber(): Promise<number> {
    const block = await this.read((endpoint) => endpoint.block('finalized'));
    return block?.number ?? 0;
  }

  blockReceipts(blockHash: string): Promise<Receipt[] | undefined> {
    return this.read((endpoint) => endpoint.blockReceipts(blockHash));
  }

  receipt(hash: string): Promise<Receipt | undefined> {
    return this.read((endpoint) => endpoint.receipt(hash));
  }

  transactionCount(address: string): Promise<number> {
    return this.read((endpoint) => endpoint.transactionCount(address));
  }

  balance(address: string): Promise<bigint> {
    return this.read((endpoint) => endpoint.balance(address));
  }

  tip(): Promise<bigint> {
    return this.read((endpoint) => endpoint.maxPriorityFeePerGas());
  }

  estimateGas(call: Call): Promise<GasEstimate> {
    return this.read((endpoint) => endpoint.estimateGas(call));
  }

  async send(raw: string, hash: string): Promise<SendVerdict[]> {
    const { answers } = await this.broadcast(raw, hash, false).all;
    return answers.map(({ verdict }) => verdict);
  }

  broadcast(raw: string, hash: string, everAccepted: boolean): Broadcast {
    return this.fanOut.broadcast(this.endpoints, raw, hash, everAccepted);
  }

  close(): void {
    for (const endpoint of this.endpoints) endpoint.close();
  }

  private async read<T>(ask: (endpoint: JsonRpcEndpoint) => Promise<T>): Promise<T> {
    let failure: unknown = new Fatal('config', 'RPC_URLS names no endpoint.');
    for (const endpoint of this.endpoints) {
      try {
        return await ask(endpoint);
      } catch (error) {
        if (!(error instanceof QuorateError) || error.kind !== 'unavailable') throw error;
        failure = error;
      }
    }
    throw failure;
  }
}
