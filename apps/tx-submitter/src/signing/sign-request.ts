/** The request for a signature over one attempt of an intent. */
import { createHash, randomBytes } from 'node:crypto';

import { type StoreTransaction } from '@quorate/event-store';
import { requestHash, type SignRequestInput, type TxIntent } from '@quorate/protocol';

import { type IntentIdentity, streamOf } from '../intent/events';
import { type SignRequestRecords } from '../ports/sign-request-records.port';

/** How long the signers may take for one request, in milliseconds. */
const requestLifeMs = 30_000;
/** When a request without an answer is sent again, in milliseconds after it was made. */
const reminderAfterMs = requestLifeMs + 5_000;
/** Due rows of requests without an answer. */
export const reminderDue = 'sign-reminder';

/** How requests are made, and when they are repeated. */
export interface RequestParts {
  signRequests: SignRequestRecords;
  requestsTopic: string;
  now: () => number;
}

/** What a request is about. */
export interface SigningTask {
  identity: IntentIdentity;
  attempt: number;
  try: number;
  unsigned: string;
  digest: string;
  intent: TxIntent;
  /** The client's exact bytes and signature. */
  intentValue: Buffer;
  intentJws: string;
  /** That the client had made of the intent, for policies that ask for them. */
  approvals: string[];
}

/** The id of a request: one try of one attempt has one, whoever computes it. */
export function requestIdOf(task: Pick<SigningTask, 'identity' | 'attempt' | 'try' | 'digest'>): string {
  const { identity, attempt, digest } = task;
  const parts = [identity.requester, identity.intentId, String(attempt), digest, String(task.try)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Stores a sign request and publishes it with the commit of `tx`. */
export async function publishSignRequest(
  tx: StoreTransaction,
  task: SigningTask,
  { signRequests, requestsTopic, now }: RequestParts,
): Promise<void> {
  const requestId = requestIdOf(task);
  const madeAt = now();
  const { key, value, headers } = signRequests.encodeSignRequest(
    requestOf(task, requestId, signRequests.requester, madeAt),
  );
  await tx.query(
    `INSERT INTO sign_request (request_id, stream_id, attempt, request_hash, key, value, headers)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      requestId,
      streamOf(task.identity),
      task.attempt,
      requestHash(value),
      key,
      value,
      JSON.stringify(headers),
    ],
  );
  tx.publish({ topic: requestsTopic, key, value, headers }, streamOf(task.identity));
  tx.schedule(reminderDue, requestId, new Date(madeAt + reminderAfterMs));
}

/**
 * Publishes an unanswered request again, byte for byte: the answer may have been lost, and copies get the same one.
 */
export async function publishSignRequestAgain(
  tx: StoreTransaction,
  requestId: string,
  { requestsTopic, now }: RequestParts,
): Promise<void> {
  const rows = await tx.query<{
    stream_id: string;
    key: string;
    value: Buffer;
    headers: Record<string, string>;
  }>('SELECT stream_id, key, value, headers FROM sign_request WHERE request_id = $1', [requestId]);
  for (const { stream_id: streamId, key, value, headers } of rows) {
    tx.publish({ topic: requestsTopic, key, value, headers }, streamId);
    tx.schedule(reminderDue, requestId, new Date(now() + reminderAfterMs));
  }
}

function requestOf(task: SigningTask, requestId: string, requester: string, now: number): SignRequestInput {
  const { keyId, path } = task.intent;
  return {
    requestId,
    requester,
    keyId,
    ...(path === undefined ? {} : { path }),
    payload: {
      kind: 'evm-intent',
      unsigned: task.unsigned,
      intent: { bytes: task.intentValue.toString('base64url'), jws: task.intentJws },
      ...(task.approvals.length > 0 && { approvals: task.approvals }),
    },
    nonce: `0x${randomBytes(32).toString('hex')}`,
    expiresAt: new Date(now + requestLifeMs).toISOString(),
  };
}
