/** What happens to the endpoints of a chain, for logs and events; endpoints by host and port. */
import { type EndpointState } from './endpoint-health';

/**
 * `disagreement`: endpoints show different chains and no more of them the followed one; `agreement`: that is over.
 * `finality-regressed`: a block that was final is not on the chain any more.
 */
export type EndpointEvent =
  | { kind: 'state'; endpoint: string; from: EndpointState; to: EndpointState; reason: string }
  | { kind: 'disagreement'; heads: { endpoint: string; number: number; hash: string }[] }
  | { kind: 'agreement' }
  | { kind: 'finality-regressed'; was: BlockId; now: BlockId };

export interface BlockId {
  number: number;
  hash: string;
}

export type EndpointListener = (event: EndpointEvent) => void;
