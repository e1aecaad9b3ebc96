/** What clients were told agrees with what became of their intents, and never contradicts itself. */
import { type TxOutcome } from '@quorate/protocol';
import { type Violation } from '../../oracle/violations';
import { type Evidence, type IntentRow } from './evidence';

/** After which a client hears nothing more about an intent. */
const last = new Set(['finalized', 'superseded']);
/** Answers to what a client sent, beside what becomes of its intent. */
const answers = new Set(['quorate.tx.accepted.v1', 'quorate.tx.rejected.v1']);
/** What a client may act upon: only a reorganisation, which it is told of, takes it back. */
const settled = new Set(['confirmed', 'reverted', 'cancelled', 'failed']);

export function outcomeFaults({ intents, outcomes, rows, transactions }: Evidence): Violation[] {
  const rowOf = new Map(rows.map((row) => [row.intentId, row]));
  const mined = new Set(transactions.map(({ hash }) => hash));
  return intents.flatMap(({ id }) => {
    // An amendment is accepted with how the intent stands then, which is no news of it.
    const told = outcomes.filter(({ intentId, type }) => intentId === id && !answers.has(type));
    const row = rowOf.get(id);
    if (row === undefined) return [];
    return [...contradictions(id, told), ...endFaults(id, told, row), ...hashFaults(id, told, mined)];
  });
}

/** A settled outcome is the last of its kind, unless the client hears that its block left the chain. */
function contradictions(id: string, told: readonly TxOutcome[]): Violation[] {
  let standing: TxOutcome | undefined;
  const faults: Violation[] = [];
  for (const outcome of told) {
    if (standing !== undefined && !isAllowedAfter(standing, outcome)) {
      const words = `${id}: ${describe(standing)}, then ${describe(outcome)}`;
      faults.push({ check: 'outcomes do not contradict each other', evidence: words });
    }
    if (outcome.code === 'reorged') standing = undefined;
    else if (last.has(outcome.status) || settled.has(outcome.status)) standing = outcome;
  }
  return faults;
}

function isAllowedAfter(standing: TxOutcome, next: TxOutcome): boolean {
  if (last.has(standing.status)) return false;
  if (next.code === 'reorged') return true;
  return standing.status === 'confirmed' && next.status === 'finalized';
}

function endFaults(id: string, told: readonly TxOutcome[], { status }: IntentRow): Violation[] {
  if (status === 'rejected') return [];
  const end = told.findLast((outcome) => last.has(outcome.status) || settled.has(outcome.status));
  if (end?.status === status) return [];
  const words = `${id} is ${status}, its client was told ${end === undefined ? 'nothing' : describe(end)}`;
  return [{ check: 'the client is told the end', evidence: words }];
}

/** What is confirmed for good is on the chain. */
function hashFaults(id: string, told: readonly TxOutcome[], mined: ReadonlySet<string>): Violation[] {
  const end = told.findLast(({ status }) => last.has(status) || settled.has(status));
  if (end?.hash === undefined || end.status === 'superseded' || mined.has(end.hash)) return [];
  return [{ check: 'what is told is on the chain', evidence: `${id}: ${describe(end)} is not` }];
}

function describe({ status, code, hash }: TxOutcome): string {
  return [status, code, hash].filter((part) => part !== undefined).join(' ');
}
