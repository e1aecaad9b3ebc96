/** Takes the signers' answers from mpc.finals: verifies, attaches, and lets the broadcast begin after the commit. */
import { type StoreTransaction } from '@quorate/event-store';
import { attachSignature, type SignedTransaction } from '@quorate/evm';
import { type LogRecord } from '@quorate/messaging';
import { type Logger, QuorateError } from '@quorate/platform';
import {
  type DeadLetters,
  type Final,
  finalSchema,
  type KeyLookup,
  readStrictJson,
  type SignCompleted,
  type SignRejected,
  verifyServiceRecord,
} from '@quorate/protocol';

import { type SentTransaction } from '../broadcast/in-flight';
import { type IntentEvent, streamOf } from '../intent/events';
import { type ActiveIntent, isForPools, type OpenSignRequest, openRequest } from '../intent/intent';
import { type IntentMemory } from '../intent/intent-memory';
import { IntentSession } from '../intent/intent-session';
import { pauseBeforeTry } from '../intent/decide/signature-refusal';
import { keepSigned } from '../lane/attempt-table';
import { type LaneId } from '../lane/lane';
import { giveNonceBack, postpone } from '../lane/lane-table';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { openRequests, type OpenRequest } from './open-requests';
import { reminderDue } from './sign-request';

/** Due rows of refused requests whose next try waits. */
export const signAgainDue = 'sign-again';

export interface FinalParts {
  /** This submitter's name as a requester. */
  requester: string;
  coordinators: KeyLookup;
  outcomes: OutcomeRecords;
  memory: IntentMemory;
  deadLetters: DeadLetters;
  logger: Logger;
  /** Called after the commit that keeps the signed bytes; some are only to be watched. */
  broadcast: (transaction: SentTransaction) => void;
  /** Called after the commit from which on a transaction that was signed in advance is to be sent. */
  onReleased: (lane: LaneId, hash: string) => void;
  /** Called after the commit that ends an intent's turn on its lane. */
  wakeLane: (lane: LaneId) => void;
  now: () => number;
}

/** When a cancelling transaction that the signers refused is tried again, in milliseconds. */
const cancelAgainMs = 300_000;

export class FinalIntake {
  constructor(private readonly parts: FinalParts) {}

  /** Handles records in order, all in one transaction; answers to other requesters are skipped. */
  async handle(tx: StoreTransaction, records: LogRecord[]): Promise<void> {
    const finals = records.flatMap((record) => {
      const final = this.verified(tx, record);
      return final === undefined ? [] : [{ record, final }];
    });
    if (finals.length === 0) return;
    const requests = await openRequests(
      tx,
      finals.map(({ final }) => final.requestId),
    );
    const { outcomes, memory } = this.parts;
    const session = await IntentSession.load(tx, outcomes, [...requests.values()], memory);
    for (const { record, final } of finals) {
      const request = requests.get(final.requestId);
      if (request === undefined || request.requestHash !== final.requestHash) {
        this.parts.logger.warn({ requestId: final.requestId }, 'answer to a request that was not made here');
        continue;
      }
      const state = session.state(request);
      if (state.stage !== 'active') continue;
      const open = openRequest(state, final.requestId);
      if (final.type === 'quorate.sign.completed.v1')
        await this.accept(tx, session, record, request, state, final);
      else if (open !== undefined) await this.refuse(tx, session, request, state, open, final);
    }
  }

  /** The verified answer in a record, if it is for this submitter. */
  private verified(tx: StoreTransaction, record: LogRecord): Final | undefined {
    const { requester, coordinators: lookup, deadLetters } = this.parts;
    const verdict = verifyServiceRecord(record, { typ: 'final', schema: finalSchema, lookup });
    if (verdict.ok) return verdict.data.requester === requester ? verdict.data : undefined;
    const json = record.value === null ? undefined : readStrictJson(record.value);
    if (json?.ok === true && json.data.requester === requester) deadLetters.add(tx, record, verdict);
    return undefined;
  }

  /** Also an answer that comes after its request was given up: what is on Kafka can be sent by whoever reads it. */
  private async accept(
    tx: StoreTransaction,
    session: IntentSession,
    record: LogRecord,
    request: OpenRequest,
    state: ActiveIntent,
    final: SignCompleted,
  ): Promise<void> {
    const asked = state.attempts[request.attempt];
    if (asked === undefined || asked.hash !== undefined) return;
    const signed = signedBy(final, request, asked.digest, state.from);
    if ('problem' in signed) {
      // The request stays open: the reminder asks again, and a coordinator that answers honestly ends it.
      this.parts.logger.error(
        { requestId: final.requestId, problem: signed.problem },
        'answer with a wrong signature',
      );
      this.parts.deadLetters.add(tx, record, { code: 'wrong-signature', reason: signed.problem });
      return;
    }
    const { requestId } = final;
    const { attempt } = request;
    const accept = { kind: 'accept-signature' as const, attempt, requestId, hash: signed.hash };
    await session.execute(request, accept, final.id);
    keepSigned(tx, streamOf(request), attempt, signed);
    tx.cancelDue(reminderDue, requestId);
    // What its client does not want any more is not sent while something else can use its nonce up.
    const isUnwanted = state.ending !== undefined && request.kind === 'payload';
    const isWithheld = isUnwanted || !isForPools(asked);
    const lane = laneOf(state);
    const transaction = {
      identity: { requester: request.requester, intentId: request.intentId },
      ...{ lane, nonce: BigInt(state.nonce), confirmations: state.facts.confirmations },
      ...{ n: attempt, kind: request.kind, hash: signed.hash, raw: signed.raw, isWithheld },
    };
    tx.afterCommit(() => this.parts.broadcast(transaction));
  }

  private async refuse(
    tx: StoreTransaction,
    session: IntentSession,
    request: OpenRequest,
    state: ActiveIntent,
    open: OpenSignRequest,
    final: SignRejected,
  ): Promise<void> {
    const { requestId, code, reason, mayBeSigned, details, id } = final;
    const now = this.parts.now();
    const refusal = {
      kind: 'refuse-signature' as const,
      requestId,
      code,
      reason,
      mayBeSigned,
      rule: details?.rule,
      now,
    };
    const events = await session.execute(request, refusal, id);
    tx.cancelDue(reminderDue, requestId);
    const after = session.state(request);
    if (openRequest(after, requestId) !== undefined) {
      const next = open.try + 1;
      tx.schedule(signAgainDue, requestId, new Date(now + pauseBeforeTry(next)));
      return;
    }
    const lane = laneOf(state);
    if (after.stage === 'ended') giveNonceBack(tx, lane, state.nonce, streamOf(request));
    else if (request.kind === 'cancel') postpone(tx, streamOf(request), cancelAgainMs);
    const released = events.flatMap(releasedBy(state));
    tx.afterCommit(() => {
      for (const hash of released) this.parts.onReleased(lane, hash);
      this.parts.wakeLane(lane);
    });
  }
}

/** The signed transaction that stands in for one that was refused. */
function releasedBy({ attempts }: ActiveIntent): (event: IntentEvent) => string[] {
  return (event) =>
    event.type === 'quorate.tx.replaced.v1'
      ? [attempts[event.data.attempt]?.hash].flatMap((hash) => hash ?? [])
      : [];
}

function laneOf(state: ActiveIntent): LaneId {
  return { chainId: state.facts.chainId, address: state.from };
}

/** The signed transaction, when the answer is a signature of the lane's account over what was asked. */
function signedBy(
  final: SignCompleted,
  request: OpenRequest,
  digest: string,
  from: string,
): SignedTransaction | { problem: string } {
  if (final.digest !== digest) return { problem: 'the digest is not the one that was asked for' };
  if (!('r' in final.signature)) return { problem: 'the signature is not an ECDSA signature' };
  try {
    const signed = attachSignature(request.unsigned, final.signature);
    return signed.from === from ? signed : { problem: `the signature is of ${signed.from}, not of ${from}` };
  } catch (error) {
    if (error instanceof QuorateError) return { problem: error.message };
    throw error;
  }
}
