/** A time in which an endpoint, or both in different ways, answers falsely. */
import { setTimeout as delay } from 'node:timers/promises';
import { type RpcFault } from '../../../rpc-proxy/rpc-call';
import { type Random } from '../../random';
import { type Fault } from './fault';

/** What calls of a method (or `every`) meet at one endpoint, once in so many. */
export interface Blow {
  readonly method: string;
  readonly fault: RpcFault;
  readonly oneIn: number;
}

/** @param blows by endpoint; undefined where it is honest */
export function endpointBlow(
  random: Random,
  spreadMs: number,
  blows: readonly (Blow | undefined)[],
  [shortest, longest]: readonly [number, number] = [500, 3000],
): Omit<Fault, 'kind'> {
  const milliseconds = random.between(shortest, longest);
  const words = blows.map((blow, i) => {
    const what = blow === undefined ? 'nothing' : `${blow.fault.name} (${blow.method}, 1 in ${blow.oneIn})`;
    return `at endpoint ${i + 1} ${what}`;
  });
  return {
    description: `${words.join(', ')} for ${milliseconds} ms`,
    at: random.below(spreadMs),
    async inflict({ bench }) {
      const ends = blows.map((blow, i) =>
        blow === undefined ? undefined : bench.proxies[i]?.on(blow.method, blow.fault, { oneIn: blow.oneIn }),
      );
      await delay(milliseconds);
      for (const end of ends) end?.();
    },
  };
}

/** The same order of endpoints, or the other. */
export function shuffled<T>(random: Random, pair: readonly [T, T]): readonly [T, T] {
  return random.oneIn(2) ? pair : [pair[1], pair[0]];
}
