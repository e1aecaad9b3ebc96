import { type StoreTransaction } from '@quorate/event-store';
import { type SignPartial, type SignRefused } from '@quorate/protocol';

/** What one node answered to one attempt at one request. */
export interface Answer {
  readonly streamId: string;
  readonly attempt: number;
  readonly node: string;
  readonly data: SignPartial | SignRefused;
}

/** Partials and refusals until their request has its outcome. The first answer of a node to an attempt counts. */
export interface AnswerRecords {
  /** Stores new answers; returns all answers to the requests concerned, the new ones included. */
  add(tx: StoreTransaction, answers: readonly Answer[]): Promise<Answer[]>;
  ofRequest(tx: StoreTransaction, streamId: string): Promise<Answer[]>;
  forget(tx: StoreTransaction, streamIds: readonly string[]): void;
}
