/** Intents as their clients signed them, from the table. */
import { type StoreTransaction } from '@quorate/event-store';
import { type IntentIdentity } from './events';

/** A client's exact bytes and the signature over them. */
export interface SignedValue {
  value: Buffer;
  jws: string;
}

export interface StoredIntent extends IntentIdentity, SignedValue {
  approvals: string[];
  /** In the order in which they were taken. */
  amendments: SignedValue[];
}

interface StoredIntentRow extends IntentIdentity, SignedValue {
  approvals: string[];
  amendments: { value: string; jws: string }[];
}

const columns = `
  intent.requester, intent.intent_id AS "intentId", intent.value, intent.jws, intent.approvals,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('value', encode(amendment.value, 'base64'), 'jws', amendment.jws) ORDER BY n)
    FROM amendment WHERE amendment.stream_id = intent.stream_id), '[]') AS amendments`;

/** @param rest of the query, from its FROM on; `intent` is the table of intents */
export async function selectIntents<More extends object = object>(
  tx: StoreTransaction,
  more: string,
  rest: string,
  params: unknown[],
): Promise<(StoredIntent & More)[]> {
  const rows = await tx.query<StoredIntentRow & More>(`SELECT ${columns}${more} ${rest}`, params);
  return rows.map((row) => ({
    ...row,
    amendments: row.amendments.map(({ value, jws }) => ({ value: Buffer.from(value, 'base64'), jws })),
  }));
}
