/** The request for a signature over one attempt of an intent. */
import { createHash, randomBytes } from 'node:crypto';

import { type StoreTransaction } from '@quorate/event-store';
import { childSpan } from '@quorate/platform';
import { requestHash, type SignRequestInput } from '@quorate/protocol';

import { type AttemptKind, streamOf } from '../intent/events';
import { intentTerms } from '../intent/intent-terms';
import { type SignedValue, type StoredIntent } from '../intent/stored-intent';
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

/** What a request is about: one transaction of an intent, or one that uses its nonce up. */
export interface SigningTask {
  intent: StoredIntent;
  attempt: number;
  try: number;
  kind: AttemptKind;
  unsigned: string;
  digest: string;
}

/** The id of a request: one try of one attempt has one, whoever computes it. */
export function requestIdOf(task: Pick<SigningTask, 'intent' | 'attempt' | 'try' | 'digest'>): string {
  const { intent, attempt, digest } = task;
  const parts = [intent.requester, intent.intentId, String(attempt), digest, String(task.try)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Stores a sign request and publishes it with the commit of `tx`.
 * @param traceparent of the intent, where it is traced
 */
export function publishSignRequest(
  tx: StoreTransaction,
  task: SigningTask,
  { signRequests, requestsTopic, now }: RequestParts,
  traceparent: string | undefined,
): void {
  const requestId = requestIdOf(task);
  const madeAt = now();
  const span = childSpan('tx.request-signature', traceparent, {
    attributes: { 'quorate.request_id': requestId },
  });
  const { key, value, headers } = signRequests.encodeSignRequest(
    requestOf(task, requestId, signRequests.requester, madeAt),
    span?.traceparent,
  );
  if (span !== undefined) tx.afterCommit(() => span.end());
  const streamId = streamOf(task.intent);
  tx.writeRow(
    `INSERT INTO sign_request (request_id, stream_id, attempt, request_hash, key, value, headers)
     SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::jsonb[])`,
    [requestId, streamId, task.attempt, requestHash(value), key, value, JSON.stringify(headers)],
  );
  tx.publish({ topic: requestsTopic, key, value, headers }, streamId);
  tx.schedule(reminderDue, requestId, new Date(madeAt + reminderAfterMs));
}

/**
 * Publishes an unanswered request again, byte for byte: the answer may have been lost, and copies get the same one.
 */
export async function publishSignRequestAgain(
  tx: StoreTransaction,
  requestId: string,
  { requestsTopic, signRequests, now }: RequestParts,
): Promise<void> {
  const rows = await tx.query<{
    stream_id: string;
    key: string;
    value: Buffer;
    headers: Record<string, string>;
  }>('SELECT stream_id, key, value, headers FROM sign_request WHERE request_id = $1', [requestId]);
  for (const { stream_id: streamId, ...record } of rows) {
    tx.publish({ topic: requestsTopic, ...signRequests.signRequestAgain(record) }, streamId);
    tx.schedule(reminderDue, requestId, new Date(now() + reminderAfterMs));
  }
}

function requestOf(task: SigningTask, requestId: string, requester: string, now: number): SignRequestInput {
  const { keyId, path } = intentTerms(task.intent);
  return {
    requestId,
    requester,
    keyId,
    ...(path === undefined ? {} : { path }),
    payload: payloadOf(task),
    nonce: `0x${randomBytes(32).toString('hex')}`,
    expiresAt: new Date(now + requestLifeMs).toISOString(),
  };
}

function payloadOf({ kind, unsigned, intent }: SigningTask): SignRequestInput['payload'] {
  if (kind === 'cancel') return { kind: 'evm-cancel', unsigned };
  const { approvals, amendments } = intent;
  return {
    kind: 'evm-intent',
    unsigned,
    intent: embedded(intent),
    ...(approvals.length > 0 && { approvals }),
    ...(amendments.length > 0 && { amendments: amendments.map(embedded) }),
  };
}

function embedded({ value, jws }: SignedValue): { bytes: string; jws: string } {
  return { bytes: value.toString('base64url'), jws };
}
