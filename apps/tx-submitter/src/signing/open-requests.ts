/** Sign requests that were made here, by id. */
import { type StoreTransaction } from '@quorate/event-store';

/** A request with the intent that it is for. */
export interface OpenRequest {
  requester: string;
  intentId: string;
  requestHash: string;
  attempt: number;
  unsigned: string;
  intentValue: Buffer;
  intentJws: string;
  approvals: string[];
}

/** The requests with these ids, as far as they were made here; their intents may be past signing. */
export async function openRequests(
  tx: StoreTransaction,
  requestIds: string[],
): Promise<Map<string, OpenRequest>> {
  if (requestIds.length === 0) return new Map();
  const rows = await tx.query<OpenRequest & { requestId: string }>(
    `SELECT sign_request.request_id AS "requestId", sign_request.request_hash AS "requestHash",
       sign_request.attempt, attempt.unsigned, intent.requester, intent.intent_id AS "intentId",
       intent.value AS "intentValue", intent.jws AS "intentJws", intent.approvals
     FROM sign_request JOIN intent USING (stream_id)
     JOIN attempt ON attempt.stream_id = sign_request.stream_id AND attempt.n = sign_request.attempt
     WHERE sign_request.request_id = ANY($1)`,
    [requestIds],
  );
  return new Map(rows.map(({ requestId, ...request }) => [requestId, request]));
}
