/** Takes records of tx.intents: verifies, decides, answers. */
import { type DueRow, type StoreTransaction } from '@quorate/event-store';
import { type LogRecord } from '@quorate/messaging';
import { entrySpan } from '@quorate/platform';
import {
  approvalsIn,
  classifyIntent,
  type DeadLetters,
  type RequesterLookup,
  type TxAmend,
  type TxIntent,
} from '@quorate/protocol';
import { z } from 'zod';

import { type LaneId } from '../lane/lane';
import { type KeyRegister } from '../ports/key-register.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type IntentIdentity, streamOf } from './events';
import { type IntentState } from './intent';
import { type IntentMemory } from './intent-memory';
import { IntentSession } from './intent-session';
import { publishOutcomesAgain } from './outcome-table';
import { findSender } from './sender';

/** Blocks that an intent asks for when it does not say: its own and one on top. */
export const defaultConfirmations = 2;
/** Due rows of intents whose key is not known yet. */
export const keyArrivalDue = 'key-arrival';
/** How long a key record may lag behind the first intent that uses it, in milliseconds. */
const keyPatienceMs = 5_000;
const keyPauseMs = 250;

const waitingForKey = z.object({
  requester: z.string(),
  intentId: z.string(),
  keyId: z.string(),
  path: z.string().optional(),
  chainId: z.string(),
  until: z.number(),
});
type WaitingForKey = z.output<typeof waitingForKey>;

export interface IntakeParts {
  /** The chain that this submitter serves, decimal. */
  chainId: string;
  outcomesTopic: string;
  requesters: RequesterLookup;
  /** Whether a requester may have the transactions of a key ordered: its account pays for a nonce that is not used. */
  mayUse: (requester: string, keyId: string) => boolean;
  keys: KeyRegister;
  outcomes: OutcomeRecords;
  memory: IntentMemory;
  deadLetters: DeadLetters;
  /** Called after the commit that put an intent into a lane's queue. */
  wakeLane: (lane: LaneId) => void;
  now: () => number;
}

export class IntentIntake {
  constructor(private readonly parts: IntakeParts) {}

  /** Handles records in order, all in one transaction. */
  async handle(tx: StoreTransaction, records: LogRecord[]): Promise<void> {
    const classified = records.map((record) => ({
      record,
      verdict: classifyIntent(record, this.parts.requesters),
    }));
    const identities = classified.flatMap(({ verdict }) =>
      verdict.kind === 'dead-letter' ? [] : [{ requester: verdict.requester, intentId: verdict.id }],
    );
    const { outcomes, memory } = this.parts;
    const session = await IntentSession.load(tx, outcomes, identities, memory);
    for (const { record, verdict } of classified) {
      if (verdict.kind === 'dead-letter') {
        this.parts.deadLetters.add(tx, record, verdict);
        continue;
      }
      const identity = { requester: verdict.requester, intentId: verdict.id };
      const refuse = (code: string, reason: string) =>
        this.refuse(tx, session, identity, verdict.hash, code, reason);
      if (verdict.kind === 'invalid') await refuse('invalid', verdict.reason);
      else if (verdict.role !== 'client')
        await refuse('unauthorized', 'a submitter cannot ask for transactions');
      else if (verdict.typ === 'tx-amend')
        await this.amend(tx, session, identity, { ...verdict, amendment: verdict.data });
      else if (!this.parts.mayUse(verdict.requester, verdict.data.keyId))
        await refuse('unauthorized', `${verdict.requester} may not use key ${verdict.data.keyId} here`);
      else await this.receive(tx, session, identity, { ...verdict, intent: verdict.data }, record);
    }
  }

  /** Looks again for the key of an intent that came before its key's records. */
  async lookForKey(tx: StoreTransaction, row: DueRow): Promise<void> {
    const waiting = waitingForKey.parse(row.data);
    const session = await IntentSession.load(tx, this.parts.outcomes, [waiting]);
    await this.authorize(tx, session, waiting);
  }

  private async receive(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
    request: { hash: string; value: Buffer; jws: string; approvals?: string; intent: TxIntent },
    { headers }: LogRecord,
  ): Promise<void> {
    const { hash, value, jws, approvals, intent } = request;
    const before = session.state(identity);
    if (before.stage !== 'unknown' && before.facts.intentHash === hash) {
      if (isAnswered(before)) await this.answerAgain(tx, session, identity, hash);
      return;
    }
    if (before.stage !== 'unknown' && (await this.answerAgain(tx, session, identity, hash))) return;
    const { keyId, path, chainId, expiresAt, confirmations = defaultConfirmations } = intent;
    const { requester, intentId } = identity;
    const attributes = { 'quorate.requester': requester, 'quorate.intent_id': intentId };
    const span = entrySpan('tx.accept', headers['traceparent'], { attributes });
    if (span !== undefined) tx.afterCommit(() => span.end());
    const receive = {
      kind: 'receive' as const,
      intentHash: hash,
      value: value.toString('base64'),
      jws,
      approvals: approvalsIn(approvals),
      traceparent: span?.traceparent,
      terms: { keyId, chainId, confirmations, expiresAt },
      now: this.parts.now(),
      servedChainId: this.parts.chainId,
    };
    await session.execute(identity, receive, hash);
    if (session.state(identity).stage !== 'received') return;
    await this.authorize(tx, session, {
      ...identity,
      keyId,
      path,
      chainId,
      until: this.parts.now() + keyPatienceMs,
    });
  }

  private async amend(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
    request: { hash: string; value: Buffer; jws: string; amendment: TxAmend },
  ): Promise<void> {
    const { hash, value, jws, amendment } = request;
    const before = session.state(identity);
    const isTaken = before.stage !== 'unknown' && before.facts.amendments.includes(hash);
    if (isTaken || (await this.answerAgain(tx, session, identity, hash))) return;
    const { expiresAt, cancel = false } = amendment;
    const amend = {
      ...{ kind: 'amend' as const, amendmentHash: hash, value: value.toString('base64'), jws },
      ...{ expiresAt, cancel },
    };
    await session.execute(identity, amend, hash);
    const { chainId } = this.parts;
    if (before.stage === 'queued' || before.stage === 'active')
      tx.afterCommit(() => this.parts.wakeLane({ chainId, address: before.from }));
  }

  private async authorize(
    tx: StoreTransaction,
    session: IntentSession,
    waiting: WaitingForKey,
  ): Promise<void> {
    const key = findSender(this.parts.keys, waiting.keyId, waiting.path);
    const now = this.parts.now();
    if (!key.found && key.code === 'unknown-key' && now < waiting.until) {
      const at = new Date(now + keyPauseMs);
      tx.schedule(keyArrivalDue, streamOf(waiting), at, waiting);
      return;
    }
    const events = await session.execute(waiting, { kind: 'authorize', key }, waiting.keyId);
    if (!key.found || events.length === 0) return;
    const lane = { chainId: waiting.chainId, address: key.from };
    tx.afterCommit(() => this.parts.wakeLane(lane));
  }

  private async refuse(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
    intentHash: string,
    code: string,
    reason: string,
  ): Promise<void> {
    if (await this.answerAgain(tx, session, identity, intentHash)) return;
    await session.execute(identity, { kind: 'refuse', intentHash, code, reason }, intentHash);
  }

  /** @returns whether these bytes have an answer; one that this batch gave is not given twice. */
  private async answerAgain(
    tx: StoreTransaction,
    session: IntentSession,
    identity: IntentIdentity,
    intentHash: string,
  ): Promise<boolean> {
    if (session.hasAnswered(identity, intentHash)) return true;
    const { outcomes, outcomesTopic } = this.parts;
    return (await publishOutcomesAgain(tx, identity, intentHash, outcomesTopic, outcomes)) > 0;
  }
}

/** Whether the client was told how it ended: later outcomes only say that it stays so, or not. */
function isAnswered(state: IntentState): boolean {
  return state.stage === 'ended' || (state.stage === 'active' && state.inclusion?.isConfirmed === true);
}
