/**
 * One EVM JSON-RPC endpoint, asked directly: no retries, no batching, no caches, no quorum by the library, so that
 * every answer is that of one node now and an uncertain send is seen as what it is.
 */
import { Unavailable } from '@quorate/platform';
import { z } from 'zod';

import { type CallFailure, callFailureOf } from './call-failure';
import { type DirectTransport, directTransport } from './json-rpc-transport';
import { isMissingMethod } from './missing-method';
import { RpcErrorTaxonomy } from './rpc-error-taxonomy';
import {
  rpcErrorMessage,
  transportMessage,
  verdictOfError,
  verdictOfResult,
  type SendVerdict,
} from './send-verdict';

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform(BigInt);
/** What is counted or is gas: larger ones are no answers. */
const countable = quantity.refine((value) => value <= BigInt(Number.MAX_SAFE_INTEGER));
const count = countable.transform(Number);
/** Wei per gas: so much room that multiples of it still fit a transaction. */
const feePerGas = quantity.refine((value) => value < 2n ** 128n);
const bytes = z.string().regex(/^0x(?:[0-9a-f]{2})*$/i);
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((value) => value.toLowerCase());

const blockSchema = z.object({
  number: count,
  hash,
  parentHash: hash,
  /** Absent on chains without EIP-1559. */
  baseFeePerGas: feePerGas.optional(),
  gasUsed: countable,
  gasLimit: quantity,
  transactions: z.array(hash),
});
const receiptSchema = z.object({
  transactionHash: hash,
  blockHash: hash,
  blockNumber: count,
  status: quantity.transform((status) => (status === 1n ? ('success' as const) : ('reverted' as const))),
  gasUsed: countable,
  effectiveGasPrice: feePerGas.default(0n),
});

const word = quantity.transform((value) => `0x${value.toString(16).padStart(64, '0')}`);
const minedSchema = z.object({
  hash,
  from: z.string().transform((value) => value.toLowerCase()),
  nonce: quantity,
  r: word,
  s: word,
});

const bodySchema = z.object({ transactions: z.array(z.unknown()) });

/** A block without its bodies; hashes lower case, fees in wei per gas. */
export type Block = z.infer<typeof blockSchema>;
/** What a mined transaction did. */
export type Receipt = z.infer<typeof receiptSchema>;

/** A transaction of a block, as far as it is looked at: lower case, `r` and `s` of 32 bytes. */
export type MinedTransaction = z.infer<typeof minedSchema>;

/** A transaction as eth_call and eth_estimateGas take it. */
export interface Call {
  from: string;
  to: string;
  value: bigint;
  data: string;
  /** The gas that it may use; estimated when absent. */
  gas?: bigint | undefined;
}

/** What would become of a call: `gas` is what it was given, or what it needs. */
export type Simulation = { kind: 'succeeds'; gas: bigint } | CallFailure;

/** A block: by its height, or the latest, or the latest that the chain calls safe or final. */
export type BlockAt = number | 'latest' | 'safe' | 'finalized';

/** A state of the chain: after a block, or with the transactions that the node's pool holds. */
export type StateAt = BlockAt | 'pending';

export interface EndpointOptions {
  /** What it is called in messages; by default its host and port. */
  name?: string;
  /** Milliseconds per call with its answer; 4000 by default. */
  timeoutMs?: number;
  /** Reads the texts of refusals; the table alone by default. */
  taxonomy?: RpcErrorTaxonomy;
}

/** Receipts that are asked for one by one at the same time. */
const receiptsAtOnce = 16;

/**
 * Calls throw Unavailable: `rpc` when the endpoint does not answer properly, `rpc-refused` when it answers that it cannot
 * or will not say. `send` never throws. No error holds the URL.
 */
export class JsonRpcEndpoint {
  /** Host and port only, when not given: paths and queries of RPC URLs often hold keys. */
  readonly name: string;
  private readonly transport: DirectTransport;
  private readonly taxonomy: RpcErrorTaxonomy;
  private lacksBlockReceipts = false;

  constructor(url: string, options: EndpointOptions = {}) {
    this.transport = directTransport(url, options.timeoutMs ?? 4000);
    this.name = options.name ?? new URL(url).host;
    this.taxonomy = options.taxonomy ?? new RpcErrorTaxonomy();
  }

  /** The chain id that the node reports. */
  async chainId(): Promise<bigint> {
    return this.ask('eth_chainId', [], quantity);
  }

  /** A block; undefined when the node has none there. */
  async block(at: BlockAt): Promise<Block | undefined> {
    return (await this.ask('eth_getBlockByNumber', [tag(at), false], blockSchema.nullable())) ?? undefined;
  }

  /** The transaction of `from` with this nonce in the block at a height; undefined when it holds none. */
  async minedBy(from: string, nonce: bigint, height: number): Promise<MinedTransaction | undefined> {
    const block = await this.ask('eth_getBlockByNumber', [tag(height), true], bodySchema.nullable());
    // Some chains have transactions of other kinds in the same blocks.
    const mined = block?.transactions.flatMap((one) => minedSchema.safeParse(one).data ?? []) ?? [];
    return mined.find((one) => one.from === from && one.nonce === nonce);
  }

  /**
   * The receipts of some transactions that the node has in this block: fewer than were asked for, or none, when the block
   * is not (or no longer) on its chain, or holds others.
   */
  async receiptsIn(block: Pick<Block, 'number' | 'hash'>, hashes: readonly string[]): Promise<Receipt[]> {
    const receipts = await this.allReceiptsIn(block.hash);
    const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
    const missing = hashes.filter((transactionHash) => !byHash.has(transactionHash));
    for (const receipt of await this.receiptsOf(missing)) byHash.set(receipt.transactionHash, receipt);
    return hashes.flatMap((transactionHash) => {
      const receipt = byHash.get(transactionHash);
      const isThere = receipt?.blockHash === block.hash && receipt.blockNumber === block.number;
      return isThere ? [receipt] : [];
    });
  }

  /** The receipt of a transaction, as this node sees the chain now. */
  async receipt(transactionHash: string): Promise<Receipt | undefined> {
    const receipt = await this.ask('eth_getTransactionReceipt', [transactionHash], receiptSchema.nullable());
    return receipt?.transactionHash === transactionHash ? receipt : undefined;
  }

  /** Whether the node knows the transaction, mined or pooled. */
  async knowsTransaction(transactionHash: string): Promise<boolean> {
    return (await this.ask('eth_getTransactionByHash', [transactionHash], z.unknown())) !== null;
  }

  /** How many transactions of `address` are mined at a block: the first unused nonce. */
  async transactionCount(address: string, at: BlockAt = 'latest'): Promise<number> {
    return this.ask('eth_getTransactionCount', [address, tag(at)], count);
  }

  /** Wei that `address` has at the latest block. */
  async balance(address: string): Promise<bigint> {
    return this.ask('eth_getBalance', [address, 'latest'], quantity);
  }

  /** The gas price (wei) that the node suggests where there is no base fee. */
  async gasPrice(): Promise<bigint> {
    return this.ask('eth_gasPrice', [], feePerGas);
  }

  /** The tip (wei per gas) that the node suggests. */
  async maxPriorityFeePerGas(): Promise<bigint> {
    return this.ask('eth_maxPriorityFeePerGas', [], feePerGas);
  }

  /** Tries a call out. An answer that the call fails is a result, not an error. */
  async simulate({ from, to, value, data, gas }: Call, at: StateAt = 'latest'): Promise<Simulation> {
    const method = gas === undefined ? 'eth_estimateGas' : 'eth_call';
    const call = { from, to, value: hexOf(value), data, ...(gas !== undefined && { gas: hexOf(gas) }) };
    try {
      const answer: unknown = await this.transport.call(method, [call, tag(at)]);
      if (gas === undefined) return { kind: 'succeeds', gas: countable.parse(answer) };
      bytes.parse(answer);
      return { kind: 'succeeds', gas };
    } catch (error) {
      const failure = callFailureOf(error);
      if (failure === undefined) throw this.unavailable(method, error);
      return failure;
    }
  }

  /**
   * Sends a signed transaction once.
   *
   * @param expectedHash our own keccak256 of `raw`; any other answer is ambiguous.
   */
  async send(raw: string, expectedHash: string): Promise<SendVerdict> {
    try {
      return verdictOfResult(await this.transport.call('eth_sendRawTransaction', [raw]), expectedHash);
    } catch (error) {
      return verdictOfError(error, this.taxonomy);
    }
  }

  /** Closes the endpoint's connections. */
  close(): void {
    this.transport.close();
  }

  /** None when the node cannot say; that it never can is remembered. */
  private async allReceiptsIn(blockHash: string): Promise<Receipt[]> {
    if (this.lacksBlockReceipts) return [];
    const method = 'eth_getBlockReceipts';
    try {
      const receipts: unknown = await this.transport.call(method, [{ blockHash }]);
      return z.array(receiptSchema).nullable().parse(receipts) ?? [];
    } catch (error) {
      this.lacksBlockReceipts = isMissingMethod(error);
      const reason = this.unavailable(method, error);
      if (reason.code === 'rpc-refused') return [];
      throw reason;
    }
  }

  /** A few at a time, those that there are. */
  private async receiptsOf(hashes: readonly string[]): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    for (let i = 0; i < hashes.length; i += receiptsAtOnce) {
      const some = hashes
        .slice(i, i + receiptsAtOnce)
        .map((transactionHash) => this.receipt(transactionHash));
      receipts.push(...(await Promise.all(some)).flatMap((receipt) => receipt ?? []));
    }
    return receipts;
  }

  private async ask<T>(method: string, params: unknown[], schema: z.ZodType<T>): Promise<T> {
    try {
      const result: unknown = await this.transport.call(method, params);
      return schema.parse(result);
    } catch (error) {
      throw this.unavailable(method, error);
    }
  }

  /** Without the cause, which may quote the URL. */
  private unavailable(method: string, error: unknown): Unavailable {
    const refusal = rpcErrorMessage(error);
    const refused = refusal !== undefined && this.taxonomy.classify(refusal) !== 'node-trouble';
    const reason =
      error instanceof z.ZodError ? 'an answer of the wrong shape' : (refusal ?? transportMessage(error));
    return new Unavailable(refused ? 'rpc-refused' : 'rpc', `${method} at ${this.name} failed: ${reason}.`);
  }
}

function tag(at: StateAt): string {
  return typeof at === 'string' ? at : hexOf(at);
}

function hexOf(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
