import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Part } from '../processes/part';
import { StartFailure } from '../terminal/start-failure';
import { ChainState } from './chain-state';

/** Chain id of the local chain, as a decimal string. */
export const LOCAL_CHAIN_ID = '31337';

/** An embedded local chain: where its state lies, its port on 127.0.0.1. */
export interface EmbeddedChain {
  folder: string;
  port: number;
}

/** A local EVM chain (anvil) with a block per second, its state written every second. */
export function chainPart(chain: EmbeddedChain): Part {
  const state = new ChainState(join(chain.folder, 'state.json'));
  return {
    name: 'chain',
    stage: 'infrastructure',
    stopSignal: 'SIGINT',
    readyTimeoutMs: 30_000,
    async command() {
      mkdirSync(chain.folder, { recursive: true });
      state.recover();
      return {
        file: installedAnvil(),
        args: [
          ...['--host', '127.0.0.1', '--port', String(chain.port), '--chain-id', LOCAL_CHAIN_ID],
          ...['--block-time', '1', '--state', state.file, '--state-interval', '1', '--quiet'],
        ],
        env: process.env,
        cwd: chain.folder,
      };
    },
    probe: () => probeChain(`http://127.0.0.1:${chain.port}`),
  };
}

/** Resolves with the chain id (decimal) when the endpoint answers. */
export async function chainIdOf(url: string): Promise<string> {
  return BigInt(String(await callChain(url, 'eth_chainId', []))).toString();
}

/** Sets an account's balance (wei) on a local chain; anvil only. */
export async function fundOnLocalChain(url: string, address: string, wei: bigint): Promise<void> {
  await callChain(url, 'anvil_setBalance', [address, `0x${wei.toString(16)}`]);
}

/** One JSON-RPC call. @throws Error with the endpoint's message */
export async function callChain(url: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5000),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

async function probeChain(url: string): Promise<void> {
  const id = await chainIdOf(url);
  if (id !== LOCAL_CHAIN_ID) throw new Error(`${url} has chain id ${id}`);
}

/** The path of the anvil that npm installed. */
export function installedAnvil(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/anvil-${process.platform === 'win32' ? 'win32' : process.platform}-${arch}`;
  try {
    const manifest = require.resolve(`${name}/package.json`, {
      paths: [dirname(require.resolve('@foundry-rs/anvil/package.json'))],
    });
    return join(dirname(manifest), 'bin', 'anvil');
  } catch {
    throw new StartFailure(
      'chain-missing',
      `there is no local chain for ${name}`,
      'run npm ci, or set RPC_URLS to use your own chain',
    );
  }
}
