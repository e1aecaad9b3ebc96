import { payloadDigest } from '@quorate/evm';
import { type Halt } from '@quorate/halts';
import { QuorateError } from '@quorate/platform';
import {
  claimedIntentId,
  MAX_EXPIRY_AHEAD_MS,
  type Scheme,
  type SignRequest,
  unfitForScheme,
  type ValidClientRecord,
} from '@quorate/protocol';
import { type Overload } from '../overload/admission';
import { type Submit, type SubmitInvalid } from './commands';
import { haltRefusal, retiredKeyRefusal } from './decide';
import { type RequestFacts, type SignRequested } from './events';

/** What acceptance depends on besides the record itself. */
export interface Acceptance {
  /** Of a usable key. */
  readonly schemeOf: (keyId: string) => Scheme | undefined;
  readonly isRetiredKey: (keyId: string) => boolean;
  /** A halt that forbids it. */
  readonly haltOf: (requested: SignRequested) => Halt | undefined;
  /** Why it is too much now; asked last, because it counts what it lets in. */
  readonly overloadOf: (requester: string) => Overload | undefined;
  /** How long the coordinator tries at most, in ms. */
  readonly deadlineMs: number;
  readonly traceparent?: string | undefined;
  readonly now: Date;
}

/**
 * What a well-formed signed request asks for: to be accepted, refused (unknown key, not allowed, expired), or answered
 * as invalid because its key, or no key of this version, could ever sign its content. Pure.
 */
export function examine(
  record: ValidClientRecord<'sign-request', SignRequest>,
  acceptance: Acceptance,
): Submit | SubmitInvalid {
  const { now, traceparent } = acceptance;
  const { data: request } = record;
  const facts: RequestFacts = {
    requester: record.requester,
    requestId: record.id,
    requestHash: record.hash,
  };
  const expiry = new Date(request.expiresAt);
  const invalid = (reason: string): SubmitInvalid => ({
    kind: 'submit-invalid',
    ...facts,
    reason,
    details: { issues: [reason] },
    now,
  });
  const scheme = acceptance.schemeOf(request.keyId);
  const unfit = scheme && unfitForScheme(scheme, request);
  if (unfit !== undefined) return invalid(unfit);
  if (expiry.getTime() > now.getTime() + MAX_EXPIRY_AHEAD_MS) {
    return invalid('expiresAt: must be at most 24 hours ahead');
  }
  const digest = digestOf(request);
  if ('reason' in digest) return invalid(`payload: ${digest.reason}`);

  const deadline = new Date(Math.min(expiry.getTime(), now.getTime() + acceptance.deadlineMs));
  const requested: SignRequested = {
    ...facts,
    keyId: request.keyId,
    path: request.path ?? null,
    payloadKind: request.payload.kind,
    digest: digest.digest,
    nonce: request.nonce,
    expiresAt: request.expiresAt,
    deadline: deadline.toISOString(),
    value: record.value.toString('base64'),
    jws: record.jws,
    approvals: record.approvals ?? null,
    intentId: claimedIntentId(request) ?? null,
    ...(traceparent !== undefined && { traceparent }),
  };
  return {
    kind: 'submit',
    request: requested,
    refusal: refusalOf(record, requested, acceptance, expiry),
    now,
  };
}

function refusalOf(
  { data: request, role }: ValidClientRecord<'sign-request', SignRequest>,
  requested: SignRequested,
  { schemeOf, isRetiredKey, haltOf, overloadOf, now }: Acceptance,
  expiry: Date,
): Submit['refusal'] {
  if (expiry <= now) {
    return { code: 'expired', reason: `the request expired at ${request.expiresAt}; send a new one` };
  }
  const { kind } = request.payload;
  if ((kind === 'evm-intent' || kind === 'evm-cancel') && role !== 'submitter') {
    return {
      code: 'unauthorized',
      reason: `payload kind ${kind} is for requesters with role submitter: send an intent to tx.intents`,
    };
  }
  const halt = haltOf(requested);
  if (halt !== undefined) return haltRefusal(halt);
  if (schemeOf(request.keyId) === undefined) {
    return isRetiredKey(request.keyId)
      ? retiredKeyRefusal(request.keyId)
      : { code: 'unknown-key', reason: `there is no usable key ${request.keyId}` };
  }
  const overload = overloadOf(request.requester);
  if (overload === undefined) return null;
  const { reason, limit } = overload;
  return { code: 'overloaded', reason, details: { limit } };
}

function digestOf({ payload }: SignRequest): { digest: string | null } | { reason: string } {
  if (payload.kind === 'bytes') return { digest: null };
  try {
    return { digest: payloadDigest(payload) };
  } catch (error) {
    if (error instanceof QuorateError) return { reason: error.message };
    throw error;
  }
}
