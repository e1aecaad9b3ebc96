/** A local chain for tests, which mines when it is told, or by the clock. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { callChain, installedAnvil, LOCAL_CHAIN_ID } from '../../deploy/embedded/parts/chain';
import { freePort } from '../../deploy/embedded/ports/free-ports';

export interface AnvilOptions {
  /** Decimal. */
  chainId?: string;
  /** Seconds between blocks; it mines when it is told by default. */
  blockTime?: number;
  /** Seconds since 1970 of the first block: another one makes another chain with the same id. */
  genesisTime?: number;
  /** Blocks of an epoch: `finalized` is two epochs behind the head. */
  epoch?: number;
  /** Where its blocks and accounts lie between two runs; its pool is lost. Written at its end. */
  stateFile?: string;
  /** A free one by default. */
  port?: number;
  /** The rules of the chain, such as `berlin` for one without a base fee; the newest by default. */
  hardfork?: string;
}

export class Anvil {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Resolves when it answers. */
  static async start(options: AnvilOptions = {}): Promise<Anvil> {
    const {
      chainId = LOCAL_CHAIN_ID,
      genesisTime = 1_700_000_000,
      epoch = 2,
      blockTime,
      stateFile,
    } = options;
    const port = options.port ?? (await freePort());
    const args = [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', chainId, '--quiet'],
      ...(blockTime === undefined ? ['--no-mining'] : ['--block-time', String(blockTime)]),
      ...['--timestamp', String(genesisTime), '--slots-in-an-epoch', String(epoch)],
      ...(stateFile === undefined ? [] : ['--state', stateFile]),
      ...(options.hardfork === undefined ? [] : ['--hardfork', options.hardfork]),
    ];
    const child = spawn(installedAnvil(), args, { stdio: 'ignore' });
    const anvil = new Anvil(child, `http://127.0.0.1:${port}`);
    const deadline = Date.now() + 20_000;
    while ((await anvil.call('eth_chainId').catch(() => undefined)) === undefined) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('anvil does not start');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return anvil;
  }

  call(method: string, ...params: unknown[]): Promise<unknown> {
    return callChain(this.url, method, params);
  }

  /** Mines blocks. Chains that begin alike and mine alike are alike; another pause between blocks makes a fork. */
  async mine(blocks = 1, secondsApart = 1): Promise<void> {
    const head = (await this.call('eth_getBlockByNumber', 'latest', false)) as { timestamp: string };
    for (let n = 1; n <= blocks; n += 1) {
      await this.call('evm_setNextBlockTimestamp', Number(head.timestamp) + n * secondsApart);
      await this.call('evm_mine');
    }
  }

  async height(): Promise<number> {
    return Number(await this.call('eth_blockNumber'));
  }

  /** SIGTERM has it write its state. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }
}
