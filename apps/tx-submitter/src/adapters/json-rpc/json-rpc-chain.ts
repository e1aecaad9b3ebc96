import {
  type Block,
  type BlockAt,
  type Call,
  type FeeMarket,
  type JsonRpcEndpoint,
  type MinedTransaction,
  nextBaseFee,
  type Receipt,
  type RpcErrorTaxonomy,
  type Simulation,
} from '@quorate/evm';
import { Fatal, type Logger, type Metrics } from '@quorate/platform';

import { hasIt } from '../../endpoints/broadcast-verdict';
import { ChainFacts } from '../../endpoints/chain-facts';
import { ChainIdentity } from '../../endpoints/chain-identity';
import { ChainTrust } from '../../endpoints/chain-trust';
import { type BlockId, type EndpointListener } from '../../endpoints/endpoint-events';
import { EndpointMetrics } from '../../endpoints/endpoint-metrics';
import { EndpointSet } from '../../endpoints/endpoint-set';
import { type Broadcast, FanOut } from '../../endpoints/fan-out';
import { Finality, type FinalityRule } from '../../endpoints/finality';
import { agreedBlock } from '../../endpoints/quorum-reads';
import { UnknownErrors } from '../../endpoints/unknown-errors';
import { type ChainMemory } from '../../ports/chain-memory.port';
import { type Chain, type ChainHead, type TransactionCount } from '../../ports/chain.port';

/** Endpoints whose agreement makes a negative fact true. */
const quorumSize = 2;
/** How long the first look may take before the endpoints that have answered are enough, in milliseconds. */
const firstLookMs = 1_000;

export interface JsonRpcChainOptions {
  chainId: bigint;
  /** Endpoints that are read from and sent to. */
  urls: string[];
  /** Endpoints that are sent to only. */
  sendUrls: string[];
  finality: FinalityRule;
  taxonomy: RpcErrorTaxonomy;
  memory: ChainMemory;
  metrics: Metrics;
  logger: Logger;
  now: () => number;
}

/** A chain through its JSON-RPC endpoints: reads from the best, sends to all, doubts what one alone says is missing. */
export class JsonRpcChain implements Chain {
  private readonly endpoints: EndpointSet;
  private readonly identity: ChainIdentity;
  private readonly trust: ChainTrust;
  private readonly finalBlocks: Finality;
  private readonly facts: ChainFacts;
  private readonly quorum: number;
  private readonly fanOut: FanOut;
  private firstLook: Promise<void> | undefined;
  /** The transaction that endpoints last had different receipts of. */
  private contradicted: string | undefined;

  constructor(private readonly options: JsonRpcChainOptions) {
    const { chainId, urls, memory, metrics, logger, now } = options;
    const quorum = Math.min(quorumSize, urls.length);
    this.quorum = quorum;
    this.identity = new ChainIdentity(chainId, quorum, memory);
    this.endpoints = new EndpointSet({ ...options, quorum, identity: this.identity });
    const { endpoints } = this;
    this.trust = new ChainTrust((event) => endpoints.emit(event));
    const { trust } = this;
    endpoints.onEvent(({ kind }) => kind === 'state' && this.judgeIdentity());
    const finality = { endpoints, quorum, memory, trust, now, chainId: String(chainId) };
    this.finalBlocks = new Finality({ ...finality, rule: options.finality });
    const counters = new EndpointMetrics(metrics, () => this.endpoints.readings());
    this.facts = new ChainFacts(endpoints, quorum, this.finalBlocks, (hash) => {
      if (this.contradicted === hash) return;
      this.contradicted = hash;
      counters.contradictions.inc();
      logger.warn({ hash }, 'endpoints have different receipts of a transaction: what most say is believed');
    });
    const unknown = new UnknownErrors(counters.unknownErrors, logger);
    this.fanOut = new FanOut(
      {
        answered: ({ endpoint, verdict }, hash, milliseconds) => {
          counters.answers.inc({
            endpoint,
            class: verdict.kind === 'rejected' ? verdict.reason : verdict.kind,
          });
          if (verdict.kind === 'ambiguous' && verdict.unknown) unknown.note(endpoint, verdict.unknown);
          logger.debug({ endpoint, hash, verdict, milliseconds }, 'sent');
          if (!hasIt(verdict)) endpoints.emit({ kind: 'answer', endpoint, hash, verdict, milliseconds });
        },
        evicted: (endpoint, hash) => endpoints.emit({ kind: 'evicted', endpoint, hash }),
        contradicted: (answers, hash) => {
          counters.contradictions.inc();
          logger.warn({ hash, answers }, 'endpoints contradict each other');
        },
      },
      now,
    );
  }

  async check(): Promise<void> {
    const { urls, chainId } = this.options;
    this.firstLook ??= this.endpoints.start();
    await Promise.race([this.firstLook, new Promise((resolve) => setTimeout(resolve, firstLookMs))]);
    if (this.endpoints.voters().length < this.quorum) await this.firstLook;
    if (this.endpoints.head !== undefined) return;
    if (this.identity.foreign.size === urls.length) {
      throw new Fatal(
        'chain-id',
        `No endpoint of RPC_URLS serves the chain of CHAIN_ID ${chainId}: ${this.endpoints.nobody().message}`,
      );
    }
    throw this.endpoints.nobody();
  }

  head(): ChainHead | undefined {
    const { head, headAdvancedAt: advancedAt, disputed } = this.endpoints;
    if (head === undefined || advancedAt === undefined) return undefined;
    return { number: head.number, hash: head.hash, advancedAt, disputed };
  }

  async block(at: number | 'latest'): Promise<Block | undefined> {
    if (at !== 'latest') return this.endpoints.read((rpc) => rpc.block(at));
    const { head } = this.endpoints;
    if (head === undefined) throw this.endpoints.nobody();
    const limits = this.heads().map(({ gasLimit }) => gasLimit);
    // No single endpoint makes blocks small.
    return { ...head, gasLimit: limits.reduce((a, b) => (a > b ? a : b), head.gasLimit) };
  }

  agreedBlock(height: number): Promise<BlockId | undefined> {
    return agreedBlock(this.endpoints, this.quorum, height);
  }

  receiptsIn(block: BlockId, hashes: readonly string[]): Promise<Receipt[]> {
    return this.facts.receiptsIn(block, hashes);
  }

  receipt(hash: string): Promise<Receipt | 'absent' | 'unknown'> {
    return this.facts.receipt(hash);
  }

  async transactionCount(address: string): Promise<TransactionCount> {
    const counts = await this.counts(address, 'latest');
    const [highest = 0, second = highest] = counts;
    const { head } = this.endpoints;
    if (highest === second || counts.length <= quorumSize || head === undefined)
      return { agreed: second, highest };
    // It may only be ahead of the others: at the block that they have reached, too, they outvote it.
    const there = await this.counts(address, head.number);
    const isOutvoted = there.length > quorumSize;
    return { agreed: second, highest: Math.max(second, there[isOutvoted ? 1 : 0] ?? highest) };
  }

  balance(address: string): Promise<bigint> {
    return this.endpoints.read((rpc) => rpc.balance(address));
  }

  async feeMarket({ baseFeePerGas, ...head }: Block): Promise<FeeMarket> {
    if (baseFeePerGas === undefined)
      return { kind: 'gas-price', gasPrice: median(await this.askAll((rpc) => rpc.gasPrice())) };
    const fees = this.heads().flatMap(({ baseFeePerGas: fee, ...latest }) =>
      fee === undefined ? [] : [nextBaseFee({ ...latest, baseFeePerGas: fee })],
    );
    return {
      kind: 'base-fee',
      baseFee: fees.length > 0 ? median(fees) : nextBaseFee({ ...head, baseFeePerGas }),
      tip: median(await this.askAll((rpc) => rpc.maxPriorityFeePerGas())),
    };
  }

  simulate(call: Call): Promise<Simulation | { kind: 'unknown'; reason: string }> {
    return this.facts.simulate(call);
  }

  replay(call: Call, height: number): Promise<Simulation> {
    return this.endpoints.read((rpc) => rpc.simulate(call, height));
  }

  broadcast(raw: string, hash: string, everAccepted: boolean): Broadcast {
    return this.fanOut.broadcast(this.endpoints.targets(), raw, hash, everAccepted);
  }

  absent(hash: string, sinceHeight: number): Promise<'absent' | 'present' | 'unknown'> {
    return this.facts.absent(hash, sinceHeight);
  }

  nonceUsed(
    address: string,
    nonce: bigint,
    tag: 'latest' | 'finalized',
  ): Promise<'used' | 'unused' | 'unknown'> {
    return this.facts.nonceUsed(address, nonce, tag);
  }

  spenders(address: string, nonce: bigint): Promise<MinedTransaction[]> {
    return this.facts.spenders(address, nonce);
  }

  finality(): Promise<BlockId | undefined> {
    return this.finalBlocks.latest();
  }

  suspicion(): string | undefined {
    return this.trust.suspicion;
  }

  trustAgain(): Promise<void> {
    return this.finalBlocks.forget();
  }

  onEvent(listener: EndpointListener): void {
    this.endpoints.onEvent(listener);
  }

  close(): void {
    this.endpoints.stop();
  }

  /** Called by Nest when the process ends. */
  onApplicationShutdown(): void {
    this.close();
  }

  private judgeIdentity(): void {
    if (this.endpoints.allElsewhere) this.trust.suspect('identity', this.endpoints.nobody().message);
    else this.trust.trust('identity', 'chain');
  }

  /** How many transactions of `address` are mined at a block, as each endpoint that answers says: highest first. */
  private async counts(address: string, at: BlockAt): Promise<number[]> {
    const counts = await this.askAll((rpc) => rpc.transactionCount(address, at));
    return counts.sort((a, b) => b - a);
  }

  /** The latest blocks of the endpoints that have a say. */
  private heads(): Block[] {
    return this.endpoints.voters().flatMap(({ track }) => track.head ?? []);
  }

  /** The answers of all endpoints that give one; at least one. */
  private async askAll<T>(ask: (rpc: JsonRpcEndpoint) => Promise<T>): Promise<T[]> {
    const answers = await Promise.allSettled(
      this.endpoints.members().map((endpoint) => endpoint.read((rpc) => ask(rpc))),
    );
    const known = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    if (known.length === 0) throw this.endpoints.nobody();
    return known;
  }
}

/** The lower one of two in the middle: no single endpoint makes everything dear. */
function median(amounts: bigint[]): bigint {
  const sorted = amounts.sort((a, b) => (a < b ? -1 : 1));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
}
