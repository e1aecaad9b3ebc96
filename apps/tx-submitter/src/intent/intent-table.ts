/** The row of an intent: its state as queries and workers look it up, kept by the events. */
import { type StoreTransaction } from '@quorate/event-store';
import { type IntentStatus } from '@quorate/protocol';

import { type AttemptMark, markAttempt } from '../lane/attempt-table';
import { streamOf, type IntentEvent, type IntentIdentity } from './events';
import { fillerConfirmations, type IntentState, statusOf } from './intent';

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

/** Writes the state that events led to into the row of their intent, and what they say of its attempts. */
export function projectIntent(
  tx: StoreTransaction,
  identity: IntentIdentity,
  events: IntentEvent[],
  state: IntentState,
): void {
  const streamId = streamOf(identity);
  for (const event of events) {
    if (event.type === 'quorate.tx.requested.v1') insertIntent(tx, identity, event.data);
    if (event.type === 'quorate.tx.filler-created.v1') insertFiller(tx, identity, event.data.instead);
    if (event.type === 'quorate.tx.amended.v1') insertAmendment(tx, streamId, event.data);
    if (event.type === 'quorate.tx.parked.v1') noteParked(tx, streamId, event.data);
    const attempt = attemptStatus(event);
    if (attempt !== undefined) markAttempt(tx, streamId, attempt);
  }
  if (state.stage === 'ended') return closeRow(tx, streamId, state, events);
  const row = rowOf(state);
  if (row === undefined) return;
  tx.write(
    `UPDATE intent SET status = $2, address = $3, nonce = $4, hash = $5, block_number = $6, block_hash = $7,
       is_ending = $8, wants_cancel = $9, in_flight = $10, is_taken = $11
     WHERE stream_id = $1`,
    [
      ...[streamId, row.status, row.address, row.nonce, row.hash],
      ...[row.block_number, row.block_hash, row.is_ending, row.wants_cancel, row.in_flight, row.is_taken],
    ],
  );
}

function insertIntent(
  tx: StoreTransaction,
  { requester, intentId }: IntentIdentity,
  data: Extract<IntentEvent, { type: 'quorate.tx.requested.v1' }>['data'],
): void {
  const { intentHash, value, jws, approvals = [], chainId, confirmations } = data;
  tx.write(
    `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, approvals, status, chain_id, confirmations)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9)`,
    [
      ...[streamOf({ requester, intentId }), requester, intentId, intentHash],
      ...[Buffer.from(value, 'base64'), jws, approvals, chainId, confirmations],
    ],
  );
}

/** With the bytes of the intent that gave the nonce back: they name the key and path that sign for it. */
function insertFiller(tx: StoreTransaction, { requester, intentId }: IntentIdentity, instead: string): void {
  tx.write(
    `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, status, chain_id, confirmations)
     SELECT $1, $2, $3, '', value, '', 'signing', chain_id, $4 FROM intent WHERE stream_id = $5`,
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
function closeRow(
  tx: StoreTransaction,
  streamId: string,
  { end }: Extract<IntentState, { stage: 'ended' }>,
  events: IntentEvent[],
): void {
  const isFree = events.some(
    (event) => event.type === 'quorate.tx.failed.v1' && event.data.hash === undefined,
  );
  tx.write(
    `UPDATE intent SET status = $2, nonce = CASE WHEN $3 THEN NULL ELSE nonce END, wants_cancel = false, in_flight = false
     WHERE stream_id = $1`,
    [streamId, end, isFree],
  );
}

/** The row that a state means. */
function rowOf(state: Exclude<IntentState, { stage: 'ended' }>): IntentRow | undefined {
  const none = {
    ...{ hash: null, block_number: null, block_hash: null },
    ...{ is_ending: false, wants_cancel: false, in_flight: false, is_taken: false },
  };
  switch (state.stage) {
    case 'unknown':
      return undefined;
    case 'received':
      return { ...none, status: 'queued', address: null, nonce: null };
    case 'queued':
      return {
        ...none,
        status: state.parked === undefined ? 'queued' : 'parked',
        address: state.from,
        nonce: null,
      };
    case 'active': {
      const { from, nonce, attempts, inclusion, ending, request } = state;
      const newest = attempts.findLast(({ hash }) => hash !== undefined);
      const cancel = attempts.some((attempt) => attempt.kind === 'cancel' && attempt.isDropped === undefined);
      return {
        ...{ status: statusOf(state), address: from, nonce, hash: inclusion?.hash ?? newest?.hash ?? null },
        block_number: inclusion?.block.number ?? null,
        block_hash: inclusion?.block.hash ?? null,
        is_ending: ending !== undefined,
        wants_cancel: ending !== undefined && !cancel && request === undefined && inclusion === undefined,
        in_flight: newest !== undefined,
        is_taken: attempts.some(({ isTaken }) => isTaken),
      };
    }
  }
}

/** What an event says of one attempt. */
function attemptStatus(event: IntentEvent): AttemptMark | undefined {
  switch (event.type) {
    case 'quorate.tx.signed.v1':
      return { n: event.data.attempt, status: 'signed' };
    case 'quorate.tx.attempt-dropped.v1':
      return { n: event.data.attempt, status: 'dropped' };
    case 'quorate.tx.broadcast.v1':
      return { n: event.data.attempt, status: 'broadcast' };
    case 'quorate.tx.included.v1':
      return { hash: event.data.hash, status: 'included' };
    case 'quorate.tx.reorged.v1':
      return { hash: event.data.hash, status: 'broadcast' };
    case 'quorate.tx.confirmed.v1':
      return { hash: event.data.hash, status: 'confirmed' };
    case 'quorate.tx.reverted.v1':
      return { hash: event.data.hash, status: 'reverted' };
    case 'quorate.tx.cancelled.v1':
    case 'quorate.tx.failed.v1':
      return event.data.hash === undefined ? undefined : { hash: event.data.hash, status: 'confirmed' };
    case 'quorate.tx.finalized.v1':
      return { hash: event.data.hash, status: 'finalized' };
    default:
      return undefined;
  }
}
