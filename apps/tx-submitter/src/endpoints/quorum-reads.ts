/** Asks several endpoints the same. */
import { type JsonRpcEndpoint } from '@quorate/evm';
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

/**
 * Asks as many endpoints as a quorum has, and the others, one after the other, only while those do not settle it. One that
 * does not answer is waited for, so that nobody decides alone while another fails for a moment; one that refuses to say
 * has no say.
 *
 * @param voters those that have a say.
 * @param settles whether the answers so far settle it, where so many must say the same.
 * @throws Unavailable when none answers.
 */
export async function askVoters<T>(
  voters: readonly ChainEndpoint[],
  quorum: number,
  ask: (rpc: JsonRpcEndpoint, endpoint: ChainEndpoint) => Promise<T>,
  settles: (answers: readonly T[], required: number) => boolean,
): Promise<void> {
  const answers: T[] = [];
  const failures: Unavailable[] = [];
  for (let asked = 0; asked < voters.length;) {
    const some = voters.slice(asked, asked === 0 ? quorum : asked + 1);
    asked += some.length;
    const results = await Promise.allSettled(
      some.map((endpoint) => endpoint.read((rpc) => ask(rpc, endpoint))),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') answers.push(result.value);
      else if (result.reason instanceof Unavailable) failures.push(result.reason);
      else throw result.reason;
    }
    const refusals = failures.filter(({ code }) => code === 'rpc-refused').length;
    if (answers.length > 0 && settles(answers, Math.min(quorum, voters.length - refusals))) return;
  }
  const [failure] = failures;
  if (answers.length === 0 && failure !== undefined) throw failure;
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
