import { Resolver } from 'node:dns/promises';

import { Unavailable } from '@quorate/platform';

/** The addresses of a host name. @throws Unavailable `unresolved`, also when `signal` ends it */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<string[]>;

/**
 * Asks name servers. Not getaddrinfo: it cannot be stopped, and a few slow names would keep all its threads, which the
 * rest of the process needs as well.
 *
 * @param servers `address:port` of each; without them, those of this machine
 */
export function resolveInDns(servers?: readonly string[]): ResolveHost {
  return async (host, signal) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (addresses.length === 0) throw new Unavailable('unresolved', 'The host name has no address.');
      return addresses;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}
