/** Every outcome that was published, with its exact bytes: copies of a request get the same answer again. */
import { type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';

import { type IntentIdentity, streamOf } from './events';

interface OutcomeRow {
  value: Buffer;
  headers: Record<string, string>;
}

/** Publishes an outcome and keeps its bytes under the hash of the request that it answers. */
export async function publishOutcome(
  tx: StoreTransaction,
  identity: IntentIdentity,
  intentHash: string,
  record: OutgoingRecord,
): Promise<void> {
  await tx.query(
    `INSERT INTO outcome (requester, intent_id, intent_hash, n, value, headers)
     SELECT $1, $2, $3, count(*), $4, $5 FROM outcome WHERE requester = $1 AND intent_id = $2 AND intent_hash = $3`,
    [identity.requester, identity.intentId, intentHash, record.value, JSON.stringify(record.headers)],
  );
  tx.publish(record, streamOf(identity));
}

/**
 * Publishes again, byte for byte and in order, what was published for a request.
 *
 * @returns how many outcomes there were.
 */
export async function publishOutcomesAgain(
  tx: StoreTransaction,
  identity: IntentIdentity,
  intentHash: string,
  topic: string,
): Promise<number> {
  const rows = await tx.query<OutcomeRow>(
    'SELECT value, headers FROM outcome WHERE requester = $1 AND intent_id = $2 AND intent_hash = $3 ORDER BY n',
    [identity.requester, identity.intentId, intentHash],
  );
  for (const { value, headers } of rows) {
    tx.publish({ topic, key: identity.intentId, value, headers }, streamOf(identity));
  }
  return rows.length;
}
