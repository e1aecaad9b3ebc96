/**
 * One EVM JSON-RPC endpoint, asked directly: no retries, no batching, no caches, no quorum by the library, so that
 * every answer is that of one node now and an uncertain send is seen as what it is.
 */
import { Unavailable } from '@quorate/platform';
import { FetchRequest, JsonRpcProvider, Network } from 'ethers';
import { z } from 'zod';

import {
  rpcErrorMessage,
  transportMessage,
  verdictOfError,
  verdictOfResult,
  type SendVerdict,
} from './send-verdict';

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((value) => value.toLowerCase());

const blockSchema = z.object({
  number: quantity.transform(Number),
  hash,
  parentHash: hash,
  baseFeePerGas: quantity.default(0n),
  gasUsed: quantity,
  gasLimit: quantity,
  transactions: z.array(hash),
});
const receiptSchema = z.object({
  transactionHash: hash,
  blockHash: hash,
  blockNumber: quantity.transform(Number),
  status: quantity.transform((status) => (status === 1n ? ('success' as const) : ('reverted' as const))),
  gasUsed: quantity,
  effectiveGasPrice: quantity.default(0n),
});

/** A block without its bodies; hashes lower case, fees in wei per gas. */
export type Block = z.infer<typeof blockSchema>;
/** What a mined transaction did. */
export type Receipt = z.infer<typeof receiptSchema>;

/** What eth_estimateGas is asked for. */
export interface Call {
  from: string;
  to: string;
  value: bigint;
  data: string;
}

/** A gas estimate, or why the call would fail. */
export type GasEstimate = { kind: 'gas'; gas: bigint } | { kind: 'fails'; reason: string };

export interface EndpointOptions {
  /** Milliseconds per call; 4000 by default. */
  timeoutMs?: number;
}

/** Calls throw Unavailable when the endpoint does not answer properly; `send` never throws. */
export class JsonRpcEndpoint {
  /** Host and port only: paths and queries of RPC URLs often hold keys. */
  readonly name: string;
  private readonly provider: JsonRpcProvider;

  constructor(url: string, chainId: bigint, options: EndpointOptions = {}) {
    const request = new FetchRequest(url);
    request.timeout = options.timeoutMs ?? 4000;
    request.retryFunc = async () => false;
    const network = Network.from(chainId);
    this.provider = new JsonRpcProvider(request, network, {
      staticNetwork: network,
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
    this.name = new URL(url).host;
  }

  /** The chain id that the node reports. */
  async chainId(): Promise<bigint> {
    return this.ask('eth_chainId', [], quantity);
  }

  /** The block at a height, the latest, or the latest that is final; undefined when the node has none. */
  async block(at: number | 'latest' | 'finalized'): Promise<Block | undefined> {
    return (await this.ask('eth_getBlockByNumber', [tag(at), false], blockSchema.nullable())) ?? undefined;
  }

  /** All receipts of the block with this hash; undefined when it is not (or no longer) on the node's chain. */
  async blockReceipts(blockHash: string): Promise<Receipt[] | undefined> {
    const receipts = z.array(receiptSchema).nullable();
    return (await this.ask('eth_getBlockReceipts', [{ blockHash }], receipts)) ?? undefined;
  }

  /** The receipt of a transaction, as this node sees the chain now. */
  async receipt(transactionHash: string): Promise<Receipt | undefined> {
    return (
      (await this.ask('eth_getTransactionReceipt', [transactionHash], receiptSchema.nullable())) ?? undefined
    );
  }

  /** Whether the node knows the transaction, mined or pooled. */
  async knowsTransaction(transactionHash: string): Promise<boolean> {
    return (await this.ask('eth_getTransactionByHash', [transactionHash], z.unknown())) !== null;
  }

  /** How many transactions of `address` are mined at the latest block: the first unused nonce. */
  async transactionCount(address: string): Promise<number> {
    return Number(await this.ask('eth_getTransactionCount', [address, 'latest'], quantity));
  }

  /** Wei that `address` has at the latest block. */
  async balance(address: string): Promise<bigint> {
    return this.ask('eth_getBalance', [address, 'latest'], quantity);
  }

  /** The tip (wei per gas) that the node suggests. */
  async maxPriorityFeePerGas(): Promise<bigint> {
    return this.ask('eth_maxPriorityFeePerGas', [], quantity);
  }

  /** Estimates gas at the latest block. An answer that the call fails is a result, not an error. */
  async estimateGas({ from, to, value, data }: Call): Promise<GasEstimate> {
    try {
      const call = { from, to, value: `0x${value.toString(16)}`, data };
      return { kind: 'gas', gas: quantity.parse(await this.provider.send('eth_estimateGas', [call])) };
    } catch (error) {
      const reason = rpcErrorMessage(error);
      if (reason === undefined) throw this.unavailable('eth_estimateGas', error);
      return { kind: 'fails', reason };
    }
  }

  /**
   * Sends a signed transaction once.
   *
   * @param expectedHash our own keccak256 of `raw`; any other answer is ambiguous.
   */
  async send(raw: string, expectedHash: string): Promise<SendVerdict> {
    try {
      return verdictOfResult(await this.provider.send('eth_sendRawTransaction', [raw]), expectedHash);
    } catch (error) {
      return verdictOfError(error);
    }
  }

  /** Forgets the endpoint's timers and sockets. */
  close(): void {
    this.provider.destroy();
  }

  private async ask<T>(method: string, params: unknown[], schema: z.ZodType<T>): Promise<T> {
    try {
      const result: unknown = await this.provider.send(method, params);
      return schema.parse(result);
    } catch (error) {
      throw this.unavailable(method, error);
    }
  }

  private unavailable(method: string, error: unknown): Unavailable {
    const reason =
      error instanceof z.ZodError
        ? 'an answer of the wrong shape'
        : (rpcErrorMessage(error) ?? transportMessage(error));
    return new Unavailable('rpc', `${method} at ${this.name} failed: ${reason}.`, { cause: error });
  }
}

function tag(at: number | 'latest' | 'finalized'): string {
  return typeof at === 'string' ? at : `0x${at.toString(16)}`;
}
