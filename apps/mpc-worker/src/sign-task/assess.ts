import { createHash } from 'node:crypto';
import { checkIntentTransaction, payloadDigest, type UnsignedTransaction } from '@quorate/evm';
import { asQuorateError } from '@quorate/platform';
import {
  type Charge,
  chargesOfCancel,
  type ClientEntry,
  evaluatePolicy,
  explainCancel,
  type KnownRequester,
  type Policy,
  type PolicySubject,
  type SubmitterEntry,
  subjectOf,
} from '@quorate/policy';
import {
  checkExpiry,
  classifySignRequest,
  CLIENT_RECORD_TYPES,
  fromHex,
  type KeyLookup,
  openEmbeddedIntent,
  type Payload,
  type PayloadOf,
  type Scheme,
  type SignRequest,
  unfitForScheme,
  verifyApprovals,
} from '@quorate/protocol';

/** A sign task as a coordinator hands it over: the client's exact bytes, and which presignature to spend. */
export interface SignTask {
  readonly taskId: string;
  readonly value: Buffer;
  readonly jws: string;
  /** The `approvals` header: detached JWS over the value, with commas between them; empty when there are none. */
  readonly approvals: string;
  readonly requester: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly presignatureId: Buffer;
  readonly sessionId: Buffer;
  readonly committee: readonly string[];
  /** Where the coordinator says that the request is traced. */
  readonly traceparent?: string | undefined;
}

/** The transaction that a signature would authorise, for the durable bindings. */
export interface TransactionFacts {
  readonly chain: string;
  readonly nonce: string;
  /** SHA-256 over to, value, data. */
  readonly payloadHash: Buffer;
}

/** A request this node agrees to sign, as far as its bytes alone can tell. */
export interface AssessedRequest {
  readonly requester: string;
  readonly requestId: string;
  readonly requestHash: Buffer;
  /** requestId, or the intent's id: what the whole story is found by. */
  readonly correlationId: string;
  readonly keyId: string;
  readonly path: string;
  /** What the key signs: the digest, or of payload kind `bytes` the message itself. */
  readonly message: Buffer;
  /** Absent for payload kind `bytes`. */
  readonly digest?: Buffer;
  readonly requestNonce: Buffer;
  /** RFC 3339; looked at again when the share is made, as the database may have kept the commit waiting. */
  readonly expiresAt: string;
  /** Whose windows count the charges: the requester, or for an intent the client that it is of. */
  readonly account: string;
  /** What a signature uses up, counted once for each request or intent. */
  readonly charges: readonly Charge[];
  /** Bound to its nonce; absent for what is no transaction, and for cancelling ones. */
  readonly transaction?: TransactionFacts;
  /** Only for transactions made for an intent. `expired`: it may be signed again, but not for the first time. */
  readonly intent?: { readonly requester: string; readonly intentId: string; readonly expired: boolean };
  /** An empty transfer that takes the place of what its nonce is bound to: it must go to its own sender. */
  readonly cancellation?: UnsignedTransaction;
}

export interface Refusal {
  readonly code: string;
  readonly rule?: string;
  readonly reason: string;
}

export type Assessment =
  | { readonly ok: true; readonly request: AssessedRequest }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly requestHash: Buffer;
      /** Whether a requester of the policy signed a request of this name. If not, all of it may be invented. */
      readonly isSigned: boolean;
    };

export type SchemeOf = (keyId: string) => Scheme | undefined;

/** Thrown inside this file only, to leave nested checks with one refusal. */
class Refuse extends Error {
  constructor(
    readonly refusal: Refusal,
    readonly isSigned = true,
  ) {
    super(refusal.reason);
  }
}

/**
 * Decides by this node's own policy and clock whether it would sign: the requester's signature over the exact bytes,
 * their content, expiry, policy, and the digest computed from the payload. Nothing the coordinator says is used.
 *
 * @param schemeOf the scheme of a key that this node knows
 */
export function assessTask(task: SignTask, policy: Policy, now: Date, schemeOf: SchemeOf): Assessment {
  const requestHash = createHash('sha256').update(task.value).digest();
  try {
    return { ok: true, request: { ...assess(task, policy, now, schemeOf), requestHash } };
  } catch (error) {
    if (error instanceof Refuse) {
      const { refusal, isSigned } = error;
      return { ok: false, refusal, requestHash, isSigned };
    }
    const known = asQuorateError(error);
    if (known.kind !== 'invalid') throw error;
    return { ok: false, refusal: { code: 'invalid', reason: known.message }, requestHash, isSigned: true };
  }
}

/** What depends on the kind of payload. */
type Assessed = Pick<
  AssessedRequest,
  'correlationId' | 'message' | 'digest' | 'account' | 'charges' | 'transaction' | 'intent' | 'cancellation'
>;

function assess(
  task: SignTask,
  policy: Policy,
  now: Date,
  schemeOf: SchemeOf,
): Omit<AssessedRequest, 'requestHash'> {
  const { known, request } = authenticate(task, policy, now);
  const expiry = checkExpiry(request.expiresAt, now);
  if (expiry === 'expired') throw new Refuse(expired(request.expiresAt));
  if (expiry !== 'live') throw refuse('invalid', 'expiresAt must be a time at most 24 h ahead');
  const scheme = schemeOf(request.keyId);
  const unfit = scheme && unfitForScheme(scheme, request);
  if (unfit !== undefined) throw refuse('invalid', unfit);
  return {
    requester: request.requester,
    requestId: request.requestId,
    keyId: request.keyId,
    path: request.path ?? 'm',
    requestNonce: fromHex(request.nonce),
    expiresAt: request.expiresAt,
    ...assessPayload(task, known, request, policy, now),
  };
}

function assessPayload(
  task: SignTask,
  { entry, approvers }: KnownRequester,
  request: SignRequest,
  policy: Policy,
  now: Date,
): Assessed {
  const { payload } = request;
  switch (payload.kind) {
    case 'evm-intent':
      if (entry.role === 'submitter') return assessIntent(request, payload, policy, now);
      throw refuse('unauthorized', 'evm-intent is for requesters with role submitter');
    case 'evm-cancel':
      if (entry.role === 'submitter') return assessCancel(request, entry, now);
      throw refuse('unauthorized', 'evm-cancel is for requesters with role submitter');
    default:
      if (entry.role === 'client') {
        const approvedBy = approvalsOf(entry, task.value, task.approvals, approvers);
        return assessClientRequest(request, entry, { at: now, approvedBy });
      }
      throw refuse('policy', 'a submitter has transactions signed for intents only', 'payload-kind');
  }
}

function assessClientRequest(
  request: SignRequest,
  entry: ClientEntry,
  circumstances: Pick<PolicySubject, 'at' | 'approvedBy'>,
): Assessed {
  const subject = subjectOf(request, circumstances);
  const charges = applyPolicy(entry, subject);
  const { transaction } = subject;
  return {
    correlationId: request.requestId,
    ...contentOf(request.payload, transaction),
    account: entry.kid,
    charges,
    ...(transaction !== undefined && { transaction: transactionFacts(transaction) }),
  };
}

/** Policy, approvals and correlation are those of the intent's requester, who signed the intent (interfaces.md). */
function assessIntent(
  request: SignRequest,
  payload: PayloadOf<'evm-intent'>,
  policy: Policy,
  now: Date,
): Assessed {
  const clients: KeyLookup = (kid) => {
    const known = policy.requesters.get(kid);
    return known?.entry.role === 'client' ? known.keys.at(now.getTime()) : undefined;
  };
  const opened = openEmbeddedIntent(payload, clients);
  if (!opened.ok) throw refuse('unauthorized', opened.reason);
  const { intent, value, isRaised } = opened;
  const client = policy.requesters.get(intent.requester);
  if (client?.entry.role !== 'client') {
    throw refuse('unauthorized', `${intent.requester} is not in this node's policy`);
  }
  const { entry, approvers } = client;
  // Approvers saw the intent's own bytes: nobody but its requester agreed to more.
  const approvedBy = isRaised ? [] : approvalsOf(entry, value, payload.approvals, approvers);
  const subject = subjectOf(request, { at: now, approvedBy });
  const { transaction } = subject;
  if (transaction === undefined) throw refuse('invalid', 'the intent comes without a transaction');
  const broken = checkIntentTransaction(transaction, intent, { keyId: request.keyId, path: request.path });
  if (broken !== undefined) throw refuse('policy', broken.reason, `intent-${broken.rule}`);
  const charges = applyPolicy(entry, subject);
  return {
    correlationId: intent.intentId,
    ...ofDigest(transaction.digest),
    account: entry.kid,
    charges,
    transaction: transactionFacts(transaction),
    intent: {
      requester: intent.requester,
      intentId: intent.intentId,
      expired: checkExpiry(intent.expiresAt, now) === 'expired',
    },
  };
}

/** An empty transfer to oneself moves nothing: it needs no client, and the bindings make an exception for it. */
function assessCancel(request: SignRequest, entry: SubmitterEntry, now: Date): Assessed {
  const { transaction } = subjectOf(request, { at: now, approvedBy: [] });
  if (transaction === undefined) throw refuse('invalid', 'nothing is to be cancelled');
  const broken = explainCancel(entry, transaction).find(({ allowed }) => !allowed);
  if (broken !== undefined) throw refuse('policy', broken.reason, broken.rule);
  return {
    correlationId: request.requestId,
    ...ofDigest(transaction.digest),
    account: entry.kid,
    charges: chargesOfCancel(entry),
    cancellation: transaction,
  };
}

/** The request inside the client's bytes, when a requester of the policy signed exactly these bytes under this name. */
function authenticate(
  task: SignTask,
  policy: Policy,
  now: Date,
): { known: KnownRequester; request: SignRequest } {
  const record = {
    topic: '',
    partition: 0,
    offset: 0n,
    key: null,
    value: task.value,
    headers: {
      jws: Buffer.from(task.jws),
      ce_type: Buffer.from(CLIENT_RECORD_TYPES['sign-request']),
      ce_source: Buffer.from(`/client/${task.requester}`),
    },
  };
  const classified = classifySignRequest(record, (kid) => {
    const known = policy.requesters.get(kid);
    return known && { publicKey: known.keys.at(now.getTime()), role: known.entry.role };
  });
  if (classified.kind === 'dead-letter') throw unsigned(classified.reason);
  if (classified.requester !== task.requester || classified.id !== task.requestId) {
    throw unsigned('the task names another request than its bytes');
  }
  if (classified.kind === 'invalid') throw refuse('invalid', classified.reason);
  const known = policy.requesters.get(classified.requester);
  if (known === undefined) throw unsigned(`${classified.requester} is not in this node's policy`);
  return { known, request: classified.data };
}

/** Who approved exactly these bytes; signatures are checked only where the policy asks for them. */
function approvalsOf(
  { approvals }: ClientEntry,
  value: Uint8Array,
  given: string | readonly string[] | undefined,
  approvers: KeyLookup,
): string[] {
  return approvals === undefined ? [] : verifyApprovals(value, given, approvers);
}

function applyPolicy(entry: ClientEntry, subject: PolicySubject): readonly Charge[] {
  const decision = evaluatePolicy(entry, subject);
  if (!decision.allowed) throw refuse('policy', decision.reason, decision.rule);
  return decision.charges;
}

function contentOf(
  payload: Payload,
  transaction: UnsignedTransaction | undefined,
): Pick<Assessed, 'message' | 'digest'> {
  if (payload.kind === 'bytes') return { message: fromHex(payload.message) };
  return ofDigest(transaction?.digest ?? payloadDigest(payload));
}

function ofDigest(hex: string): Pick<Assessed, 'message' | 'digest'> {
  const digest = fromHex(hex);
  return { message: digest, digest };
}

function transactionFacts(transaction: UnsignedTransaction): TransactionFacts {
  const { to, value, data } = transaction;
  return {
    chain: String(transaction.chainId),
    nonce: String(transaction.nonce),
    payloadHash: createHash('sha256')
      .update(JSON.stringify([to, String(value), data]))
      .digest(),
  };
}

/** The refusal of what came too late. */
export function expired(expiresAt: string): Refusal {
  return { code: 'expired', reason: `expiresAt ${expiresAt} has passed` };
}

function unsigned(reason: string): Refuse {
  return new Refuse({ code: 'unauthorized', reason }, false);
}

function refuse(code: string, reason: string, rule?: string): Refuse {
  return new Refuse({ code, reason, ...(rule !== undefined && { rule }) });
}
