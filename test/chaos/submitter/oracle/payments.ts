/** Every intent is executed once, or never when its end says so; and its end is one that it deserves. */
import { type Violation } from '../../oracle/violations';
import { type MinedTransaction } from '../bench/local-chain';
import { type PlannedIntent } from '../load/plan';
import { type Evidence, type Excuses, type IntentRow } from './evidence';

/** Ends of intents whose payload the chain holds. */
const executed = new Set(['finalized', 'reverted']);

export function paymentFaults(evidence: Evidence): Violation[] {
  const rows = new Map(evidence.rows.map((row) => [row.intentId, row]));
  const payments = paymentsOf(evidence);
  return evidence.intents.flatMap((intent) => {
    const row = rows.get(intent.id);
    if (row === undefined) return [{ check: 'no intent is lost', evidence: `${intent.id} has no row` }];
    return [
      ...executionFaults(intent, row, payments.get(intent.id) ?? []),
      ...endFaults(evidence, intent, row),
    ];
  });
}

/** Transactions that do what an intent asks for, whoever sent them. */
function paymentsOf({ intents, transactions }: Evidence): Map<string, MinedTransaction[]> {
  const wanted = new Map(intents.map(({ id, content }) => [target(content.to, content.value), id]));
  const payments = new Map<string, MinedTransaction[]>();
  for (const transaction of transactions) {
    const id = wanted.get(target(transaction.to ?? '', String(transaction.value)));
    if (id !== undefined) payments.set(id, [...(payments.get(id) ?? []), transaction]);
  }
  return payments;
}

function target(to: string, value: string): string {
  return `${to.toLowerCase()} ${value}`;
}

function executionFaults(
  { id }: PlannedIntent,
  { status, hash }: IntentRow,
  payments: readonly MinedTransaction[],
): Violation[] {
  const due = executed.has(status) ? 1 : 0;
  const hashes = payments.map((payment) => payment.hash).join(', ') || 'none';
  if (payments.length !== due) {
    const words = `${id} is ${status}; the chain holds ${payments.length} executions: ${hashes}`;
    return [{ check: 'executed exactly once, or never', evidence: words }];
  }
  const [payment] = payments;
  if (payment === undefined) return [];
  const faults: Violation[] = [];
  if (payment.hash !== hash)
    faults.push({ check: 'the row names what the chain holds', evidence: `${id}: ${hash}, not ${hashes}` });
  if ((payment.status === 'reverted') !== (status === 'reverted'))
    faults.push({
      check: 'reverted when the chain says so',
      evidence: `${id} is ${status}, not ${payment.status}`,
    });
  return faults;
}

function endFaults(evidence: Evidence, intent: PlannedIntent, row: IntentRow): Violation[] {
  if (isDeserved(evidence, intent, row)) return [];
  const words = `${intent.id} (${intent.kind}) ended as ${row.status}, ${lastWord(evidence, intent)}`;
  return [{ check: 'the end that an intent deserves', evidence: words }];
}

function isDeserved(evidence: Evidence, intent: PlannedIntent, row: IntentRow): boolean {
  const { excuses } = evidence;
  switch (row.status) {
    case 'finalized':
      return intent.kind === 'payment' || (intent.kind === 'expired' && excuses.clocks);
    case 'reverted':
      return intent.kind === 'reverting';
    case 'rejected':
      return intent.kind === 'expired' || intent.kind === 'elsewhere';
    case 'cancelled':
      return wantsCancel(evidence, intent);
    case 'failed':
      return isExcused(intent, codeOf(evidence, intent), excuses);
    case 'superseded':
      return isNonceForeign(evidence, row);
    default:
      return false;
  }
}

/**
 * What would revert is found out before it gets a nonce, or not. What had expired when it came may be taken by a submitter
 * whose clock is behind, and be found in the queue by another.
 */
function isExcused({ kind }: PlannedIntent, code: string, { failures, clocks }: Excuses): boolean {
  return (
    failures.has(code) ||
    (kind === 'reverting' && code === 'would-revert') ||
    (kind === 'expired' && code === 'expired' && clocks)
  );
}

/** By its client, as planned or by a fault that plays the client. */
function wantsCancel({ events }: Evidence, { id, amended }: PlannedIntent): boolean {
  if (amended.some(({ change }) => 'cancel' in change)) return true;
  return events.some(
    ({ type, data }) =>
      type === 'quorate.tx.amended.v1' && data['intentId'] === id && isCancel(data['value']),
  );
}

/** @param value the client's bytes, in base64 */
function isCancel(value: unknown): boolean {
  const amendment: unknown = JSON.parse(Buffer.from(String(value), 'base64').toString());
  return typeof amendment === 'object' && amendment !== null && 'cancel' in amendment;
}

/** Of the failure itself: an amendment that comes after it is accepted with the status that the intent has by then. */
function codeOf({ outcomes }: Evidence, { id }: PlannedIntent): string {
  const end = outcomes.findLast(({ intentId, type }) => intentId === id && type === 'quorate.tx.failed.v1');
  return end?.code ?? '';
}

function lastWord({ outcomes }: Evidence, { id }: PlannedIntent): string {
  const last = outcomes.findLast(({ intentId }) => intentId === id);
  return last === undefined
    ? 'without an outcome'
    : `${last.status} ${last.code ?? ''} ${last.reason ?? ''}`.trim();
}

/** Whether the nonce of an intent was used up by something that the run did itself. */
function isNonceForeign({ transactions, foreign }: Evidence, { address, nonce }: IntentRow): boolean {
  if (address === null || nonce === null) return false;
  const sender = address.toLowerCase();
  const isJumped = foreign.jumps.some(
    (jump) => jump.address.toLowerCase() === sender && Number(nonce) >= jump.from && Number(nonce) < jump.to,
  );
  return (
    isJumped ||
    transactions.some(
      (one) =>
        one.from.toLowerCase() === sender && one.nonce === Number(nonce) && foreign.hashes.has(one.hash),
    )
  );
}
