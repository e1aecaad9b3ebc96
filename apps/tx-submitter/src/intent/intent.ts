/** The state of an intent, folded from its events. */
import { type BlockRef } from './events';

/** Facts that never change once an intent was received. */
export interface IntentFacts {
  intentHash: string;
  keyId: string;
  chainId: string;
  confirmations: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The open sign request of the attempt that is being signed. */
export interface OpenSignRequest {
  attempt: number;
  /** Counts the requests for this attempt, from 0. */
  try: number;
  requestId: string;
  digest: string;
}

interface WithSender {
  facts: IntentFacts;
  from: string;
}
interface WithNonce extends WithSender {
  nonce: string;
}
interface WithHash extends WithNonce {
  attempt: number;
  hash: string;
}

export type IntentState =
  | { stage: 'unknown' }
  | { stage: 'received'; facts: IntentFacts }
  | ({ stage: 'queued' } & WithSender)
  | ({ stage: 'reserved' } & WithNonce)
  | ({ stage: 'signing'; request: OpenSignRequest } & WithNonce)
  | ({ stage: 'signed' } & WithHash)
  | ({ stage: 'broadcast' } & WithHash)
  | ({ stage: 'included'; block: BlockRef; status: 'success' | 'reverted' } & WithHash)
  | { stage: 'ended'; facts: IntentFacts; end: 'confirmed' | 'reverted' | 'rejected' | 'failed' };

export const unknownIntent: IntentState = { stage: 'unknown' };
