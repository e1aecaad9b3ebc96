/** Every outcome that was published, with its exact bytes: copies of a request get the same answer again. */
import { type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';

import { type OutcomeEncoder } from '../ports/outcome-records.port';
import { type IntentIdentity, streamOf } from './events';

interface OutcomeRow {
  value: Buffer;
  headers: Record<string, string>;
}

/** Publishes an outcome and keeps its bytes under the hash of the request that it answers. */
export function publishOutcome(
  tx: StoreTransaction,
  identity: IntentIdentity,
  intentHash: string,
  record: OutgoingRecord,
): void {
  tx.writeRow(
    `INSERT INTO outcome (requester, intent_id, intent_hash, n, value, headers)
     SELECT requester, intent_id, intent_hash,
       (SELECT count(*) FROM outcome AS o WHERE o.requester = r.requester AND o.intent_id = r.intent_id
          AND o.intent_hash = r.intent_hash)
         + row_number() OVER (PARTITION BY requester, intent_id, intent_hash ORDER BY place) - 1,
       value, headers
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::jsonb[])
       WITH ORDINALITY AS r(requester, intent_id, intent_hash, value, headers, place)`,
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
  encoder: Pick<OutcomeEncoder, 'signOutcomeAgain'>,
): Promise<number> {
  const rows = await tx.query<OutcomeRow>(
    'SELECT value, headers FROM outcome WHERE requester = $1 AND intent_id = $2 AND intent_hash = $3 ORDER BY n',
    [identity.requester, identity.intentId, intentHash],
  );
  for (const { value, headers } of rows) {
    const record = encoder.signOutcomeAgain({ key: identity.intentId, value, headers });
    tx.publish({ topic, ...record }, streamOf(identity));
  }
  return rows.length;
}
