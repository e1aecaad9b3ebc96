/** Sign requests that were made here, by id. */
import { type StoreTransaction } from '@quorate/event-store';
import { type AttemptKind } from '../intent/events';
import { selectIntents, type StoredIntent } from '../intent/stored-intent';

/** A request with the intent that it is for. */
export interface OpenRequest extends StoredIntent {
  requestId: string;
  requestHash: string;
  /** The place of its attempt, from 0. */
  attempt: number;
  kind: AttemptKind;
  unsigned: string;
}

/** The requests with these ids, as far as they were made here; their intents may be past signing. */
export async function openRequests(
  tx: StoreTransaction,
  requestIds: string[],
): Promise<Map<string, OpenRequest>> {
  if (requestIds.length === 0) return new Map();
  const rows = await selectIntents<Omit<OpenRequest, keyof StoredIntent>>(
    tx,
    `, sign_request.request_id AS "requestId", sign_request.request_hash AS "requestHash", sign_request.attempt,
     attempt.kind, attempt.unsigned`,
    `FROM sign_request JOIN intent USING (stream_id)
     JOIN attempt ON attempt.stream_id = sign_request.stream_id AND attempt.n = sign_request.attempt
     WHERE sign_request.request_id = ANY($1)`,
    [requestIds],
  );
  return new Map(rows.map((request) => [request.requestId, request]));
}
