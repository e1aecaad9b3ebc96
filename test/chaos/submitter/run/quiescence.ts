/** What is still open in the submitters' tables. */
import { type TxOutcome } from '@quorate/protocol';
import { type BenchDatabase } from '../bench/bench-database';
import { type PlannedIntent } from '../load/plan';
import { type OpenIntent } from '../oracle/evidence';
import { type Scope } from '../oracle/gather';

const ENDS = ['finalized', 'reverted', 'rejected', 'failed', 'cancelled', 'superseded'];

/** Intents that are not over, and nonces that were given back and that later ones wait for. */
export async function openIntents(
  database: BenchDatabase,
  { prefix, lanes }: Scope,
  intents: readonly PlannedIntent[],
): Promise<OpenIntent[]> {
  const addresses = lanes.map(({ address }) => address);
  const rows = await database.query<{
    intentId: string;
    status: string;
    isOver: boolean;
    lane: string;
    nonce: string;
  }>(
    `SELECT intent_id AS "intentId", status, address AS lane, nonce::text,
       status = ANY($3) AND NOT in_flight AND NOT wants_cancel AS "isOver"
     FROM intent WHERE intent_id LIKE $1 OR address = ANY($2)`,
    [`${prefix}-%`, addresses, ENDS],
  );
  const known = new Set(rows.map(({ intentId }) => intentId));
  const unseen = intents
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => ({ intentId: id, status: 'unseen' }));
  const waited = await database.query<{ lane: string | null; nonce: string | null }>(
    `SELECT address AS lane, nonce::text FROM vacant_nonce WHERE address = ANY($1) AND EXISTS (
       SELECT FROM intent WHERE intent.address = vacant_nonce.address AND intent.nonce > vacant_nonce.nonce)`,
    [addresses],
  );
  return [
    ...unseen,
    ...rows
      .filter(({ isOver }) => !isOver)
      .map(({ intentId, status, lane, nonce }) => ({ intentId, status, lane, nonce })),
    ...waited.map(({ lane, nonce }) => ({ intentId: 'nobody', status: 'vacant', lane, nonce })),
  ];
}

/** Outcomes that are kept, and have not come by tx.outcomes yet. */
export async function unheardOutcomes(
  database: BenchDatabase,
  prefix: string,
  heard: ReadonlyMap<string, TxOutcome>,
): Promise<number> {
  const [row] = await database.query<{ kept: string }>(
    'SELECT count(*) AS kept FROM outcome WHERE intent_id LIKE $1',
    [`${prefix}-%`],
  );
  return Number(row?.kept ?? 0) - heard.size;
}
