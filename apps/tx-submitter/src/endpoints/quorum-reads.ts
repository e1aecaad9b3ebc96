/** Asks several endpoints the same. */
import { Unavailable } from '@quorate/platform';

import { type ChainEndpoint } from './chain-endpoint';
import { type BlockId } from './endpoint-events';
import { type EndpointSet } from './endpoint-set';

/** The answers of the endpoints that give one. */
export async function askAll<T>(
  endpoints: readonly ChainEndpoint[],
  ask: (endpoint: ChainEndpoint) => Promise<T>,
): Promise<{ endpoint: ChainEndpoint; answer: T }[]> {
  const settled = await Promise.allSettled(
    endpoints.map(async (endpoint) => ({ endpoint, answer: await ask(endpoint) })),
  );
  return settled.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    if (result.reason instanceof Unavailable) return [];
    throw result.reason;
  });
}

/** The block at a height, when a quorum of endpoints shows the same one and nobody another. */
export async function agreedBlock(
  endpoints: EndpointSet,
  quorum: number,
  height: number,
): Promise<BlockId | undefined> {
  const blocks = await askAll(endpoints.witnesses(height), (endpoint) => {
    return endpoint.read((rpc) => rpc.block(height));
  });
  const shown = blocks.flatMap(({ answer }) => answer ?? []);
  const [first] = shown;
  if (first === undefined || shown.length < quorum) return undefined;
  if (shown.some(({ hash }) => hash !== first.hash)) return undefined;
  return { number: first.number, hash: first.hash };
}

/** A node that does not know a tag or a state says so in an error. */
export function refusedAsNone(error: unknown): undefined {
  if (error instanceof Unavailable && error.code === 'rpc-refused') return undefined;
  throw error;
}
