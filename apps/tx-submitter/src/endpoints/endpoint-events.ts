/** What happens to the endpoints of a chain, for logs and events; endpoints by host and port. */
import { type SendVerdict } from '@quorate/evm';

import { type SuspicionCause } from './chain-trust';
import { type EndpointState } from './endpoint-health';

/**
 * `disagreement`: endpoints show different chains and no more of them the followed one; `agreement`: that is over.
 * `answer`: what an endpoint said of a transaction that it did not simply take. `evicted`: it took one as new that it had.
 * `suspect`: the chain is not the one that transactions were made for, or not as it was; `trusted`: that is over.
 */
export type EndpointEvent =
  | { kind: 'state'; endpoint: string; from: EndpointState; to: EndpointState; reason: string }
  | { kind: 'disagreement'; heads: { endpoint: string; number: number; hash: string }[] }
  | { kind: 'agreement' }
  | { kind: 'answer'; endpoint: string; hash: string; verdict: SendVerdict; milliseconds: number }
  | { kind: 'evicted'; endpoint: string; hash: string }
  | { kind: 'suspect'; cause: SuspicionCause; reason: string }
  | { kind: 'trusted'; cause: SuspicionCause; by: 'chain' | 'operator' };

export interface BlockId {
  number: number;
  hash: string;
}

export type EndpointListener = (event: EndpointEvent) => void;
