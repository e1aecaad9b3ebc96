/** The chain of a run: an anvil that mines at a steady pace, and is hurt without being pushed past what it calls final. */
import { setTimeout as delay } from 'node:timers/promises';
import { Turns } from '@quorate/platform';
import { freePort } from '../../../../deploy/embedded/ports/free-ports';
import { Anvil } from '../../../rpc-proxy/anvil';

/** Milliseconds between two blocks, when nothing is wrong: a minute of chain time takes seconds. */
export const USUAL_BLOCK_MS = 200;
/** Final blocks are two epochs below the head. */
const EPOCH = 4;
export const FINALITY_DEPTH = 2 * EPOCH;
/** Wei per gas, when nothing is wrong. */
export const USUAL_BASE_FEE = 1_000_000_000n;

export interface MinedTransaction {
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  readonly value: bigint;
  readonly input: string;
  readonly nonce: number;
  readonly blockNumber: number;
  readonly status: 'success' | 'reverted';
}

interface RpcTransaction {
  hash: string;
  from: string;
  to: string | null;
  value: string;
  input: string;
  nonce: string;
}

export class LocalChain {
  /** Of each block from now on. */
  baseFee = USUAL_BASE_FEE;
  /** Nothing is mined while this is set. */
  isStalled = false;
  blockMs = USUAL_BLOCK_MS;
  /** The highest that the head was before blocks were taken away. */
  private highest = 0;
  /** Blocks before the last restart cannot be taken back: anvil has no state of them. */
  private oldestState = 0;
  /** What touches the chain waits for what did before it. */
  private readonly turns = new Turns();
  private mining: Promise<void> = Promise.resolve();
  private stopped = false;

  private constructor(
    private anvil: Anvil,
    private readonly port: number,
    private readonly stateFile: string,
  ) {}

  /** @param stateFile where it keeps its blocks while it is restarted */
  static async start(stateFile: string): Promise<LocalChain> {
    const port = await freePort();
    const chain = new LocalChain(await startAnvil(port, stateFile), port, stateFile);
    await chain.call('anvil_setBlockTimestampInterval', 1);
    chain.mining = chain.mineOn();
    return chain;
  }

  get url(): string {
    return this.anvil.url;
  }

  call(method: string, ...params: unknown[]): Promise<unknown> {
    return this.anvil.call(method, ...params);
  }

  async height(): Promise<number> {
    return this.anvil.height();
  }

  /** Does something while nothing is mined. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.turns.take(task);
  }

  /** Mines blocks at once. */
  mine(blocks: number): Promise<void> {
    return this.exclusively(async () => {
      for (let n = 0; n < blocks; n += 1) await this.mineOne();
    });
  }

  /** Time passes between the last block and the next: seconds. */
  async skipTime(seconds: number): Promise<void> {
    await this.call('evm_increaseTime', seconds);
  }

  /**
   * Replaces the newest blocks by others, which hold `transactions` (raw, or unsigned ones of impersonated accounts) at the
   * given places. What was in them is not in the pool again.
   *
   * @returns how many blocks were replaced: not more than are not final
   */
  reorganise(depth: number, transactions: readonly [object | string, number][] = []): Promise<number> {
    return this.exclusively(async () => {
      const blocks = await this.replaceable(depth);
      const fitting = transactions.filter(([, place]) => place < blocks);
      if (blocks > 0) await this.call('anvil_reorg', blocks, fitting);
      return blocks;
    });
  }

  /** Takes the newest blocks away. */
  rollBack(depth: number): Promise<number> {
    return this.exclusively(async () => {
      const blocks = await this.replaceable(depth);
      if (blocks > 0) await this.call('anvil_rollback', blocks);
      return blocks;
    });
  }

  /** Its blocks stay, its pool is gone. */
  restart(): Promise<void> {
    return this.exclusively(async () => {
      await this.anvil.stop('SIGTERM');
      this.anvil = await startAnvil(this.port, this.stateFile);
      await this.call('anvil_setBlockTimestampInterval', 1);
      this.oldestState = await this.height();
    });
  }

  async fund(address: string, wei: bigint): Promise<void> {
    await this.call('anvil_setBalance', address, hex(wei));
  }

  /** All transactions of the canonical chain from a height on. */
  async transactionsFrom(height: number): Promise<MinedTransaction[]> {
    return this.exclusively(async () => {
      const head = await this.height();
      const found: MinedTransaction[] = [];
      for (let number = height; number <= head; number += 1)
        found.push(...(await this.transactionsAt(number)));
      return found;
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.mining;
    await this.anvil.stop();
  }

  private async transactionsAt(number: number): Promise<MinedTransaction[]> {
    const block = (await this.call('eth_getBlockByNumber', hex(BigInt(number)), true)) as {
      hash: string;
      transactions: RpcTransaction[];
    };
    if (block.transactions.length === 0) return [];
    const receipts = (await this.call('eth_getBlockReceipts', block.hash)) as {
      transactionHash: string;
      status: string;
    }[];
    const failed = new Set(
      receipts.filter(({ status }) => status !== '0x1').map((one) => one.transactionHash),
    );
    return block.transactions.map(({ hash, from, to, value, input, nonce }) => ({
      ...{ hash, from, to, value: BigInt(value), input, nonce: Number(nonce), blockNumber: number },
      status: failed.has(hash) ? ('reverted' as const) : ('success' as const),
    }));
  }

  /** Never what was final once, or what the chain has no state of. */
  private async replaceable(depth: number): Promise<number> {
    const head = await this.height();
    this.highest = Math.max(this.highest, head);
    const floor = Math.max(this.highest - FINALITY_DEPTH, this.oldestState);
    return Math.max(0, Math.min(depth, head - floor - 1));
  }

  private async mineOn(): Promise<void> {
    while (!this.stopped) {
      if (!this.isStalled) await this.exclusively(() => this.mineOne()).catch(() => undefined);
      await delay(this.blockMs);
    }
  }

  private async mineOne(): Promise<void> {
    await this.call('anvil_setNextBlockBaseFeePerGas', hex(this.baseFee));
    await this.call('evm_mine');
  }
}

function startAnvil(port: number, stateFile: string): Promise<Anvil> {
  return Anvil.start({ port, stateFile, epoch: EPOCH });
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
