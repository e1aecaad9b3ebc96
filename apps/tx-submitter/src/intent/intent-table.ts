/** The row of an intent: its state as queries and workers look it up, kept by the events. */
import { type StoreTransaction } from '@quorate/event-store';
import { type IntentStatus } from '@quorate/protocol';

import { markAttempt, releaseAttempt } from '../lane/attempt-table';
import { streamOf, type IntentEvent, type IntentIdentity } from './events';
import {
  awaitsSignature,
  fillerConfirmations,
  type IntentState,
  isForPools,
  isSigned,
  statusOf,
} from './intent';

interface IntentRow {
  status: IntentStatus;
  address: string | null;
  nonce: string | null;
  /** Of the transaction that the chain holds, or else of the newest that endpoints have. */
  hash: string | null;
  block_number: string | null;
  block_hash: string | null;
  /** Whether only a cancelling transaction is to use its nonce up. */
  is_ending: boolean;
  /** Whether one is to be made now. */
  wants_cancel: boolean;
  /** Whether it has signed transactions that the chain may still take, or take back. */
  in_flight: boolean;
  /** Whether an endpoint was seen to have one of its transactions. */
  is_taken: boolean;
}

/** What events led an intent to. */
export interface Projection {
  events: IntentEvent[];
  /** The state after them, and the last that was not the end of the intent. */
  after: IntentState;
  last: IntentState;
  /** Set when it was received in this transaction. */
  received: Received | undefined;
}

export type Received = Extract<IntentEvent, { type: 'quorate.tx.requested.v1' }>['data'];

/** Writes the state that events led to into the row of their intent, and what they say of its attempts. */
export function projectIntent(
  tx: StoreTransaction,
  identity: IntentIdentity,
  { events, after, last, received }: Projection,
): void {
  const streamId = streamOf(identity);
  for (const event of events) {
    if (event.type === 'quorate.tx.filler-created.v1') insertFiller(tx, identity, event.data.instead);
    if (event.type === 'quorate.tx.parked.v1') noteParked(tx, streamId, event.data);
  }
  const row = rowOf(last);
  if (row === undefined) return;
  const current = after.stage === 'ended' ? closed(row, after, events) : row;
  if (received === undefined) updateIntent(tx, streamId, current);
  else insertIntent(tx, identity, received, current);
  for (const event of events) {
    if (event.type === 'quorate.tx.amended.v1') insertAmendment(tx, streamId, event.data);
    const released = releasedBy(event, last);
    if (released !== undefined) releaseAttempt(tx, streamId, released);
    const mark = attemptMark(event, last);
    if (mark !== undefined) markAttempt(tx, streamId, mark.n, mark.status);
  }
}

function updateIntent(tx: StoreTransaction, streamId: string, row: IntentRow): void {
  tx.writeRow(
    `UPDATE intent SET status = r.status, address = r.address, nonce = r.nonce, hash = r.hash,
       block_number = r.block_number, block_hash = r.block_hash, is_ending = r.is_ending,
       wants_cancel = r.wants_cancel, in_flight = r.in_flight, is_taken = r.is_taken
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::boolean[],
       $9::boolean[], $10::boolean[], $11::boolean[])
       AS r(stream_id, status, address, nonce, hash, block_number, block_hash, is_ending, wants_cancel, in_flight, is_taken)
     WHERE intent.stream_id = r.stream_id`,
    [
      ...[streamId, row.status, row.address, row.nonce, row.hash],
      ...[row.block_number, row.block_hash, row.is_ending, row.wants_cancel, row.in_flight, row.is_taken],
    ],
    streamId,
  );
}

/** An intent that was just received has no nonce, whatever came of it at once. */
function insertIntent(
  tx: StoreTransaction,
  identity: IntentIdentity,
  { intentHash, value, jws, approvals = [], chainId, confirmations }: Received,
  { status, address }: IntentRow,
): void {
  const { requester, intentId } = identity;
  const streamId = streamOf(identity);
  tx.writeRow(
    `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, approvals, status, address, chain_id,
       confirmations)
     SELECT stream_id, requester, intent_id, intent_hash, value, jws,
       ARRAY(SELECT jsonb_array_elements_text(approvals)), status, address, chain_id, confirmations
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::jsonb[], $8::text[],
       $9::text[], $10::text[], $11::integer[])
       WITH ORDINALITY AS r(stream_id, requester, intent_id, intent_hash, value, jws, approvals, status, address,
         chain_id, confirmations, place)
     ORDER BY place`,
    [
      ...[streamId, requester, intentId, intentHash, Buffer.from(value, 'base64'), jws],
      ...[JSON.stringify(approvals), status, address, chainId, confirmations],
    ],
    streamId,
  );
}

/** With the bytes of the intent that gave the nonce back: they name the key and path that sign for it. */
function insertFiller(tx: StoreTransaction, { requester, intentId }: IntentIdentity, instead: string): void {
  tx.writeRow(
    `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, status, chain_id, confirmations)
     SELECT r.stream_id, r.requester, r.intent_id, '', intent.value, '', 'signing', intent.chain_id, r.confirmations
     FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[])
       AS r(stream_id, requester, intent_id, confirmations, instead)
     JOIN intent ON intent.stream_id = r.instead`,
    [streamOf({ requester, intentId }), requester, intentId, fillerConfirmations, instead],
  );
}

function insertAmendment(
  tx: StoreTransaction,
  streamId: string,
  data: Extract<IntentEvent, { type: 'quorate.tx.amended.v1' }>['data'],
): void {
  tx.write('INSERT INTO amendment (stream_id, amendment_hash, value, jws) VALUES ($1, $2, $3, $4)', [
    ...[streamId, data.amendmentHash, Buffer.from(data.value, 'base64'), data.jws],
  ]);
  // It may go now.
  tx.write(
    'UPDATE intent SET ready_at = now(), pauses = 0 WHERE stream_id = $1 AND queue_place IS NOT NULL',
    [streamId],
  );
}

/** Why it waits: counts while its status is `parked`. */
function noteParked(
  tx: StoreTransaction,
  streamId: string,
  { code, reason }: Extract<IntentEvent, { type: 'quorate.tx.parked.v1' }>['data'],
): void {
  tx.write('UPDATE intent SET parked_code = $2, parked_reason = $3 WHERE stream_id = $1', [
    ...[streamId, code, reason],
  ]);
}

/** Keeps where its transaction is; a nonce that went back to the lane is not its own any more. */
function closed(
  row: IntentRow,
  { end }: Extract<IntentState, { stage: 'ended' }>,
  events: IntentEvent[],
): IntentRow {
  const isFree = events.some(
    (event) => event.type === 'quorate.tx.failed.v1' && event.data.hash === undefined,
  );
  return { ...row, status: end, nonce: isFree ? null : row.nonce, wants_cancel: false, in_flight: false };
}

const withoutNonce: Omit<IntentRow, 'status'> = {
  ...{ address: null, nonce: null, hash: null, block_number: null, block_hash: null },
  ...{ is_ending: false, wants_cancel: false, in_flight: false, is_taken: false },
};

/** The row that a state means; nothing is written of intents that are over already. */
function rowOf(state: IntentState): IntentRow | undefined {
  switch (state.stage) {
    case 'unknown':
    case 'ended':
      return undefined;
    case 'received':
      return { ...withoutNonce, status: 'queued' };
    case 'queued':
      return {
        ...withoutNonce,
        status: state.parked === undefined ? 'queued' : 'parked',
        address: state.from,
      };
    case 'active': {
      const { from, nonce, attempts, inclusion, ending } = state;
      const newest = attempts.findLast((attempt) => attempt.hash !== undefined && isForPools(attempt));
      const cancel = attempts.some((attempt) => attempt.kind === 'cancel' && attempt.dropped === undefined);
      return {
        status: statusOf(state),
        address: from,
        nonce,
        hash: inclusion?.hash ?? newest?.hash ?? null,
        block_number: inclusion?.block.number ?? null,
        block_hash: inclusion?.block.hash ?? null,
        is_ending: ending !== undefined,
        wants_cancel: ending !== undefined && !cancel && !awaitsSignature(state) && inclusion === undefined,
        in_flight: isSigned(state),
        is_taken: attempts.some(({ isTaken }) => isTaken),
      };
    }
  }
}

/** The attempt that is not held any more: it is needed, or somebody else has sent it. */
function releasedBy(event: IntentEvent, state: IntentState): number | undefined {
  if (event.type === 'quorate.tx.replaced.v1') return event.data.attempt;
  if (event.type !== 'quorate.tx.broadcast.v1' || state.stage !== 'active') return undefined;
  const { isHeld, dropped } = state.attempts[event.data.attempt] ?? {};
  return isHeld === undefined && dropped === undefined ? undefined : event.data.attempt;
}

/** What an event says of one attempt of an intent in this state; `signed` is written with the signed bytes. */
function attemptMark(event: IntentEvent, state: IntentState): { n: number; status: string } | undefined {
  const at = (hash: string | undefined, status: string) => {
    const n = state.stage === 'active' ? state.attempts.findIndex((attempt) => attempt.hash === hash) : -1;
    return hash === undefined || n < 0 ? undefined : { n, status };
  };
  switch (event.type) {
    case 'quorate.tx.attempt-dropped.v1':
      return { n: event.data.attempt, status: 'dropped' };
    case 'quorate.tx.broadcast.v1':
      return { n: event.data.attempt, status: 'broadcast' };
    case 'quorate.tx.included.v1':
      return at(event.data.hash, 'included');
    case 'quorate.tx.reorged.v1':
      return at(event.data.hash, 'broadcast');
    case 'quorate.tx.confirmed.v1':
      return at(event.data.hash, 'confirmed');
    case 'quorate.tx.reverted.v1':
      return at(event.data.hash, 'reverted');
    case 'quorate.tx.cancelled.v1':
    case 'quorate.tx.failed.v1':
      return at(event.data.hash, 'confirmed');
    case 'quorate.tx.finalized.v1':
      return at(event.data.hash, 'finalized');
    default:
      return undefined;
  }
}
