import { isIP } from 'node:net';

import { type IntentStatus } from '@quorate/protocol';

import { type NetworkRules } from './network-rules';
import { type WebhookSecret } from './signature';

/** Where webhooks go, and which. */
export interface Endpoint {
  id: string;
  /** May hold what only its receiver should know: not for logs. */
  url: URL;
  /** In the order of the file. */
  secrets: readonly WebhookSecret[];
  /** Whose intents it hears of. */
  requesters: '*' | readonly string[];
  /** Of {@link settledStatuses}. */
  statuses: readonly IntentStatus[];
  /** How often it hears of an intent that is not settled; undefined: never. */
  pendingEveryMs: number | undefined;
  /** Attempts at a time. */
  concurrency: number;
  networks: NetworkRules;
}

export function hearsOf({ requesters }: Endpoint, requester: string): boolean {
  return requesters === '*' || requesters.includes(requester);
}

/** The address that a URL names instead of a host name. */
export function addressIn({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}
