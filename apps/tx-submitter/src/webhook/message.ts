/** The body of a webhook: `{ type, timestamp, data }`. */
import { randomUUID } from 'node:crypto';

import { Fatal } from '@quorate/platform';
import { txOutcomeSchema } from '@quorate/protocol';

import { type PendingIntent } from './pending-table';

export const pendingType = 'quorate.tx.pending.v1';

const toldOfOutcome = txOutcomeSchema.pick({ id: true, type: true, at: true });

export interface Message {
  /** Its `webhook-id`: the id of what it tells. */
  eventId: string;
  type: string;
  body: Buffer;
}

/** Tells an outcome: `data` are the bytes of its record on tx.outcomes. */
export function outcomeMessage(value: Buffer | null): Message {
  if (value === null) throw new Fatal('outcome', 'An outcome without a value cannot be told.');
  const { id, type, at } = toldOfOutcome.parse(JSON.parse(value.toString()));
  return { eventId: id, type, body: envelope(type, at, value) };
}

/** Tells where an intent stands that is not settled: fields as in an outcome, and since when it is accepted. */
export function pendingMessage(intent: PendingIntent, requester: string, now: number): Message {
  const { intentId, intentHash, chainId, from, nonce, hash, blockNumber, blockHash, status, since } = intent;
  const id = randomUUID();
  const at = new Date(now).toISOString();
  const data = {
    ...{ type: pendingType, id, requester, intentId, intentHash, chainId },
    ...(from !== null && { from }),
    ...(nonce !== null && { nonce }),
    ...(hash !== null && { hash }),
    ...(blockNumber !== null && blockHash !== null && { block: { number: blockNumber, hash: blockHash } }),
    ...{ status, since: since.toISOString(), at },
  };
  return { eventId: id, type: pendingType, body: envelope(pendingType, at, JSON.stringify(data)) };
}

function envelope(type: string, timestamp: string, data: Buffer | string): Buffer {
  const head = `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"data":`;
  return Buffer.concat([Buffer.from(head), Buffer.from(data), Buffer.from('}')]);
}
