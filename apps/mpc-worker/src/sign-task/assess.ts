import { createHash } from 'node:crypto';
import {
  checkIntentTransaction,
  decodeUnsignedTransaction,
  payloadDigest,
  type UnsignedTransaction,
} from '@quorate/evm';
import { asQuorateError } from '@quorate/platform';
import { evaluatePolicy, type Policy, type RequesterEntry } from '@quorate/policy';
import {
  checkExpiry,
  classifySignRequest,
  CLIENT_RECORD_TYPES,
  fromHex,
  type KeyLookup,
  openEmbeddedIntent,
  type PayloadOf,
  type SignRequest,
  unsupportedPayload,
} from '@quorate/protocol';

/** A sign task as a coordinator hands it over: the client's exact bytes, and which presignature to spend. */
export interface SignTask {
  readonly taskId: string;
  readonly value: Buffer;
  readonly jws: string;
  readonly requester: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly presignatureId: Buffer;
  readonly sessionId: Buffer;
  readonly committee: readonly string[];
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
  readonly digest: Buffer;
  readonly requestNonce: Buffer;
  readonly transaction?: TransactionFacts;
  /** Only for transactions made for an intent. */
  readonly intent?: { readonly requester: string; readonly intentId: string };
}

export interface Refusal {
  readonly code: string;
  readonly rule?: string;
  readonly reason: string;
}

export type Assessment =
  | { readonly ok: true; readonly request: AssessedRequest }
  | { readonly ok: false; readonly refusal: Refusal; readonly requestHash: Buffer };

/** Thrown inside this file only, to leave nested checks with one refusal. */
class Refuse extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.reason);
  }
}

/**
 * Decides by this node's own policy and clock whether it would sign: the requester's signature over the exact bytes,
 * their content, expiry, policy, and the digest computed from the payload. Nothing the coordinator says is used.
 */
export function assessTask(task: SignTask, policy: Policy, now: Date): Assessment {
  const requestHash = createHash('sha256').update(task.value).digest();
  try {
    return { ok: true, request: { ...assess(task, policy, now), requestHash } };
  } catch (error) {
    if (error instanceof Refuse) return { ok: false, refusal: error.refusal, requestHash };
    const known = asQuorateError(error);
    if (known.kind !== 'invalid') throw error;
    return { ok: false, refusal: { code: 'invalid', reason: known.message }, requestHash };
  }
}

function assess(task: SignTask, policy: Policy, now: Date): Omit<AssessedRequest, 'requestHash'> {
  const { entry, request } = authenticate(task, policy);
  const expiry = checkExpiry(request.expiresAt, now);
  if (expiry === 'expired') throw refuse('expired', `expiresAt ${request.expiresAt} has passed`);
  if (expiry !== 'live') throw refuse('invalid', 'expiresAt must be a time at most 24 h ahead');
  const unsupported = unsupportedPayload(request.payload);
  if (unsupported !== undefined) throw refuse('invalid', unsupported);
  const path = request.path ?? 'm';
  const common = {
    requester: request.requester,
    requestId: request.requestId,
    keyId: request.keyId,
    path,
    requestNonce: fromHex(request.nonce),
  };
  const { payload } = request;
  if (payload.kind === 'evm-intent') {
    return { ...common, ...assessIntent(request, payload, entry, policy) };
  }
  if (entry.role === 'submitter') {
    throw refuse('policy', 'a submitter has transactions signed for intents only', 'payload-kind');
  }
  const transaction =
    payload.kind === 'evm-transaction' ? decodeUnsignedTransaction(payload.unsigned) : undefined;
  applyPolicy(entry, {
    keyId: request.keyId,
    path,
    payloadKind: payload.kind,
    ...(transaction !== undefined && { chainId: String(transaction.chainId) }),
  });
  return {
    ...common,
    correlationId: request.requestId,
    digest: fromHex(transaction?.digest ?? payloadDigest(payload)),
    ...(transaction !== undefined && { transaction: transactionFacts(transaction) }),
  };
}

/** Policy and correlation are those of the intent's requester, who signed the intent (interfaces.md). */
function assessIntent(
  request: SignRequest,
  payload: PayloadOf<'evm-intent'>,
  submitter: RequesterEntry,
  policy: Policy,
): Pick<AssessedRequest, 'correlationId' | 'digest' | 'transaction' | 'intent'> {
  if (submitter.role !== 'submitter')
    throw refuse('unauthorized', 'evm-intent is for requesters with role submitter');
  const clients: KeyLookup = (kid) => {
    const known = policy.requesters.get(kid);
    return known?.entry.role === 'client' ? known.publicKey : undefined;
  };
  const opened = openEmbeddedIntent(payload.intent, clients);
  if (!opened.ok) throw refuse('unauthorized', opened.reason);
  const { intent } = opened;
  const entry = policy.requesters.get(intent.requester)?.entry;
  if (entry === undefined) throw refuse('unauthorized', `${intent.requester} is not in this node's policy`);
  applyPolicy(entry, {
    keyId: request.keyId,
    path: request.path ?? 'm',
    payloadKind: 'evm-intent',
    chainId: intent.chainId,
  });
  const transaction = decodeUnsignedTransaction(payload.unsigned);
  const broken = checkIntentTransaction(transaction, intent, { keyId: request.keyId, path: request.path });
  if (broken !== undefined) throw refuse('policy', broken.reason, `intent-${broken.rule}`);
  return {
    correlationId: intent.intentId,
    digest: fromHex(transaction.digest),
    transaction: transactionFacts(transaction),
    intent: { requester: intent.requester, intentId: intent.intentId },
  };
}

/** The request inside the client's bytes, when a requester of the policy signed exactly these bytes. */
function authenticate(task: SignTask, policy: Policy): { entry: RequesterEntry; request: SignRequest } {
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
    return known && { publicKey: known.publicKey, role: known.entry.role };
  });
  if (classified.kind === 'dead-letter') throw refuse('unauthorized', classified.reason);
  if (classified.kind === 'invalid') throw refuse('invalid', classified.reason);
  const entry = policy.requesters.get(classified.requester)?.entry;
  if (entry === undefined)
    throw refuse('unauthorized', `${classified.requester} is not in this node's policy`);
  return { entry, request: classified.data };
}

function applyPolicy(entry: RequesterEntry, subject: Parameters<typeof evaluatePolicy>[1]): void {
  if (entry.role !== 'client') throw refuse('unauthorized', `${entry.kid} is not a client`);
  const decision = evaluatePolicy(entry, subject);
  if (!decision.allowed) throw refuse('policy', decision.reason, decision.rule);
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

function refuse(code: string, reason: string, rule?: string): Refuse {
  return new Refuse({ code, reason, ...(rule !== undefined && { rule }) });
}
