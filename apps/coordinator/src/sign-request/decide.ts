import { describeHalt, type Halt } from '@quorate/halts';
import {
  type ChooseCommittee,
  type Complete,
  type EndWithKey,
  type GiveUpAttempt,
  type HaltRequest,
  type Lapse,
  type SignRequestCommand,
  type Submit,
  type SubmitInvalid,
} from './commands';
import { type Refusal, type RequestFacts, type SignRequestEvent } from './events';
import { mergeRefusals } from './evolve';
import {
  currentAttempt,
  isFinalRefusal,
  MAX_ATTEMPTS,
  type OpenRequest,
  type SignRequest,
} from './sign-request';

/** Characters of a reason; a final's may have more (textSchema). */
const MOST_REASON = 4_000;

/**
 * What a command changes. Pure; no events means that nothing happens. Copies of a request that has its outcome are
 * answered from the stored outcome before this is asked.
 */
export function decide(command: SignRequestCommand, state: SignRequest): SignRequestEvent[] {
  switch (command.kind) {
    case 'submit':
      return submit(command, state);
    case 'submit-invalid':
      return submitInvalid(command, state);
    case 'choose-committee':
      return chooseCommittee(command, state);
    case 'complete':
      return complete(command, state);
    case 'give-up-attempt':
      return giveUpAttempt(command, state);
    case 'lapse':
      return lapse(command, state);
    case 'halt':
      return halted(command, state);
    case 'end-with-key':
      return endWithKey(command, state);
  }
}

function submit({ request, refusal, now }: Submit, state: SignRequest): SignRequestEvent[] {
  const facts = factsOf(request);
  if (state.status !== 'none')
    return hashOf(state) === request.requestHash ? [] : [conflict(facts, state, now)];
  const requested: SignRequestEvent = { type: 'quorate.sign.requested.v1', data: request };
  if (refusal === null) return [requested];
  return [requested, rejected(facts, now, { keyId: request.keyId, mayBeSigned: false, ...refusal })];
}

function submitInvalid(command: SubmitInvalid, state: SignRequest): SignRequestEvent[] {
  const facts = factsOf(command);
  if (state.status !== 'none') {
    return hashOf(state) === command.requestHash ? [] : [conflict(facts, state, command.now)];
  }
  const { reason, details } = command;
  return [rejected(facts, command.now, { code: 'invalid', reason, details, mayBeSigned: false })];
}

function chooseCommittee({ reservation }: ChooseCommittee, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open' || currentAttempt(state) !== undefined) return [];
  if (state.attempts.length >= MAX_ATTEMPTS) return [];
  const attempt = state.attempts.length + 1;
  const { keyId } = state.request;
  return [
    {
      type: 'quorate.sign.committee-chosen.v1',
      data: { ...factsOf(state.request), keyId, attempt, ...reservation },
    },
  ];
}

/** Partials of an attempt that was given up still make a signature: any complete attempt ends the request. */
function complete(command: Complete, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open') return [];
  const attempt = state.attempts.find((made) => made.attempt === command.attempt);
  const { request } = state;
  if (attempt === undefined) return [];
  const { keyId, path, digest } = request;
  const { scheme, signature, publicKey, address } = command;
  const { presignatureId, committee } = attempt;
  return [
    ...partialReceived(state, command.attempt, committee),
    {
      type: 'quorate.sign.completed.v1',
      data: {
        ...factsOf(request),
        keyId,
        path,
        scheme,
        digest,
        signature,
        publicKey,
        address,
        committee,
        presignatureId,
        completedAt: command.now.toISOString(),
      },
    },
  ];
}

function giveUpAttempt(command: GiveUpAttempt, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open' || currentAttempt(state)?.attempt !== command.attempt) return [];
  const { keyId } = state.request;
  const refusals = mergeRefusals(state.refusals, command.refusals);
  const received = partialReceived(state, command.attempt, command.answered);
  const facts = factsOf(state.request);
  const final = refusals.filter(isFinalRefusal);
  if (command.participants.length - final.length < command.threshold) {
    return [...received, rejected(facts, command.now, { keyId, mayBeSigned: true, ...commonRefusal(final) })];
  }
  const { attempt, reason } = command;
  if (state.attempts.length >= MAX_ATTEMPTS) {
    const details = { attempts: state.attempts.length, refusals };
    return [
      ...received,
      rejected(facts, command.now, { keyId, code: 'failed', reason, details, mayBeSigned: true }),
    ];
  }
  return [
    ...received,
    {
      type: 'quorate.sign.retried.v1',
      data: {
        ...facts,
        keyId,
        attempt,
        reason,
        refusals: command.refusals,
        missing: missingOf(state, command),
        ...(command.accused !== undefined && { accused: command.accused }),
      },
    },
  ];
}

function lapse({ now }: Lapse, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open' || now < new Date(state.request.deadline)) return [];
  const { request, attempts } = state;
  const isExpired = now >= new Date(request.expiresAt);
  return [
    rejected(factsOf(request), now, {
      keyId: request.keyId,
      code: isExpired ? 'expired' : 'no-quorum',
      reason: isExpired
        ? `the request expired at ${request.expiresAt} before a committee had signed`
        : `no committee signed before ${request.deadline}`,
      details: { attempts: attempts.length },
      mayBeSigned: attempts.length > 0,
    }),
  ];
}

/** Shares of an attempt may have left before its nodes were halted. */
function halted({ halt, now }: HaltRequest, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open') return [];
  const { request, attempts } = state;
  const mayBeSigned = attempts.length > 0;
  return [rejected(factsOf(request), now, { keyId: request.keyId, mayBeSigned, ...haltRefusal(halt) })];
}

/** What is under way ends by itself: what nodes signed before the key's end still counts. */
function endWithKey({ now }: EndWithKey, state: SignRequest): SignRequestEvent[] {
  if (state.status !== 'open' || currentAttempt(state) !== undefined) return [];
  const { request, attempts } = state;
  const { keyId } = request;
  const mayBeSigned = attempts.length > 0;
  return [rejected(factsOf(request), now, { keyId, mayBeSigned, ...retiredKeyRefusal(keyId) })];
}

/** Members that said nothing, neither a share nor a refusal. */
function missingOf(state: OpenRequest, { answered, heard, refusals }: GiveUpAttempt): string[] {
  const present = new Set([...answered, ...heard, ...refusals.map((refusal) => refusal.node)]);
  return currentAttempt(state)?.committee.filter((node) => !present.has(node)) ?? [];
}

function partialReceived(state: OpenRequest, attempt: number, nodes: readonly string[]): SignRequestEvent[] {
  const made = state.attempts.find((candidate) => candidate.attempt === attempt);
  if (made === undefined || nodes.length === 0) return [];
  const { keyId } = state.request;
  const { presignatureId } = made;
  return [
    {
      type: 'quorate.sign.partial-received.v1',
      data: { ...factsOf(state.request), keyId, attempt, nodes, presignatureId },
    },
  ];
}

function conflict(facts: RequestFacts, state: SignRequest, now: Date): SignRequestEvent {
  return rejected(facts, now, {
    code: 'conflict',
    reason: `${facts.requestId} of ${facts.requester} is already another request`,
    details: { firstRequestHash: hashOf(state) },
    mayBeSigned: false,
  });
}

interface Rejection {
  readonly keyId?: string;
  readonly code: string;
  readonly reason: string;
  readonly details?: Record<string, unknown>;
  readonly mayBeSigned: boolean;
}

function rejected(facts: RequestFacts, now: Date, rejection: Rejection): SignRequestEvent {
  const { keyId = null, details = {}, code, reason, mayBeSigned } = rejection;
  const rejectedAt = now.toISOString();
  return {
    type: 'quorate.sign.rejected.v1',
    data: { ...facts, keyId, code, reason, details, mayBeSigned, rejectedAt },
  };
}

/**
 * What the final says when so many nodes refuse that no committee is left. Refusals with one code: that code, with reason
 * and rule of one of them, which names a rule if any does. With different codes: `policy`, as enough refusals make it
 * (interfaces.md), because each node judged by its own rules and only together they are final; the reason is then what each
 * node said, and the rule that of a refusal with this very code.
 */
function commonRefusal(refusals: readonly Refusal[]): Omit<Rejection, 'mayBeSigned'> {
  const sorted = [...refusals].sort((a, b) => (a.node < b.node ? -1 : 1));
  const codes = new Set(sorted.map((refusal) => refusal.code));
  const [code = 'policy'] = codes.size === 1 ? codes : [];
  const ofCode = sorted.filter((refusal) => refusal.code === code);
  const shown = ofCode.find((refusal) => refusal.rule !== null) ?? ofCode[0];
  const reason =
    codes.size === 1
      ? (shown?.reason ?? code)
      : sorted.map((refusal) => `${refusal.node} (${refusal.code}): ${refusal.reason}`).join('; ');
  const rule = shown?.rule ?? null;
  const nodes = sorted.map((refusal) => refusal.node);
  const details = { ...(rule === null ? {} : { rule }), nodes, refusals: sorted };
  return { code, reason: reason.slice(0, MOST_REASON), details };
}

function hashOf(state: SignRequest): string | null {
  if (state.status === 'none') return null;
  return state.status === 'open' ? state.request.requestHash : state.requestHash;
}

function factsOf({ requester, requestId, requestHash }: RequestFacts): RequestFacts {
  return { requester, requestId, requestHash };
}

/** Code, reason and details of what is not done because of a halt. */
export function haltRefusal(halt: Halt): { code: string; reason: string; details: Record<string, unknown> } {
  const { scope, haltId } = halt;
  return { code: 'halted', reason: describeHalt(halt), details: { scope, haltId } };
}

/** Code and reason of what is not done because its key has ended. */
export function retiredKeyRefusal(keyId: string): { code: string; reason: string } {
  return { code: 'unknown-key', reason: `the key ${keyId} is retired` };
}
