/** Asks the signers again: a fresh request after a refusal, the same one when no answer came. */
import { type DueRow, type StoreTransaction } from '@quorate/event-store';

import { openRequest } from '../intent/intent';
import { IntentSession } from '../intent/intent-session';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { openRequests } from './open-requests';
import { publishSignRequest, publishSignRequestAgain, requestIdOf, type RequestParts } from './sign-request';

export interface AskAgainParts extends RequestParts {
  outcomes: OutcomeRecords;
}

export class AskAgain {
  constructor(private readonly parts: AskAgainParts) {}

  /** The pause after a refusal is over: the same transaction at the same nonce, in the next request. */
  async withFreshRequest(tx: StoreTransaction, row: DueRow): Promise<void> {
    const refusedId = row.key;
    const request = (await openRequests(tx, [refusedId])).get(refusedId);
    if (request === undefined) return;
    const session = await IntentSession.load(tx, this.parts.outcomes, [request]);
    const open = openRequest(session.state(request), refusedId);
    if (open === undefined) return;
    const { kind, unsigned, attempt } = request;
    const task = { intent: request, attempt, digest: open.digest, try: open.try + 1, kind, unsigned };
    const command = { kind: 'ask-again' as const, attempt, try: task.try, requestId: requestIdOf(task) };
    const events = await session.execute(request, command, refusedId);
    if (events.some(({ type }) => type === 'quorate.tx.signature-requested.v1'))
      publishSignRequest(tx, task, this.parts, session.traceparent(request));
  }

  /** No answer came in time: the same bytes again, while the intent still waits for it. */
  async withSameRequest(tx: StoreTransaction, row: DueRow): Promise<void> {
    const request = (await openRequests(tx, [row.key])).get(row.key);
    if (request === undefined) return;
    const session = await IntentSession.load(tx, this.parts.outcomes, [request]);
    if (openRequest(session.state(request), row.key) === undefined) return;
    await publishSignRequestAgain(tx, row.key, this.parts);
  }
}
