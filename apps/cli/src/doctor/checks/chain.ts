import { z } from 'zod';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok } from '../finding';

const answer = z.object({ result: z.string() });

/** The chain answers, and is the one of the stack. */
export function checkChain({ chain }: Stack): Promise<Finding[]> {
  const remedy = 'start the stack (npm start), or check RPC_URLS of your own chain';
  return finding('chain', remedy, async () => {
    const [id, block] = await Promise.all([
      ask(chain.rpcUrl, 'eth_chainId'),
      ask(chain.rpcUrl, 'eth_blockNumber'),
    ]);
    return String(id) === chain.chainId
      ? ok('chain', `${chain.rpcUrl}, chain ${id}, block ${block}`)
      : broken('chain', `${chain.rpcUrl} is chain ${id}, not ${chain.chainId}`, remedy);
  });
}

async function ask(url: string, method: string): Promise<bigint> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  if (response === undefined) throw new Error(`${url} does not answer`);
  return BigInt(answer.parse(await response.json()).result);
}
