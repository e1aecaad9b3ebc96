import { type z } from 'zod';
import { readStrictJson } from '../json/strict-json';
import { verifyDetached } from '../jws';
import { type KeyLookup } from '../key-lookup';
import { AMENDMENT_VALUE_LIMIT, CLIENT_VALUE_LIMIT } from '../limits';
import { requestHash } from '../request-hash';
import { type SignRequest } from '../schemas/sign-request';
import { type SignedBytes } from '../schemas/signed-bytes';
import { type PayloadOf } from '../schemas/payload';
import {
  amendedIntent,
  type TxAmend,
  txAmendSchema,
  type TxIntent,
  txIntentSchema,
} from '../schemas/tx-intent';
import { ambiguityIssues, schemaIssues } from './schema-issues';

export type EmbeddedIntent =
  | {
      readonly ok: true;
      readonly intent: TxIntent;
      readonly hash: string;
      readonly value: Buffer;
      /** Whether amendments allow more than the intent's own bytes, which are what others approved. */
      readonly isRaised: boolean;
    }
  | { readonly ok: false; readonly reason: string };

const RAISED_BY_AMENDMENTS = ['maxFeePerGas', 'maxCost', 'expiresAt'] as const;

/**
 * The client's intent inside a payload of kind `evm-intent`, with its amendments: all of them signed by its requester,
 * and well formed. `intent` has the terms after the amendments; `hash` and `value` are of the intent's own bytes.
 * @param lookup the keys of clients (not of submitters). Never throws.
 */
export function openEmbeddedIntent(
  {
    intent: embedded,
    amendments: embeddedAmendments = [],
  }: Pick<PayloadOf<'evm-intent'>, 'intent' | 'amendments'>,
  lookup: KeyLookup,
): EmbeddedIntent {
  const opened = open(embedded, 'tx-intent', CLIENT_VALUE_LIMIT, txIntentSchema, lookup);
  if (!opened.ok) return { ok: false, reason: `payload.intent: ${opened.reason}` };
  const { requester, intentId } = opened.data;
  const amendments: TxAmend[] = [];
  for (const [n, one] of embeddedAmendments.entries()) {
    const amendment = open(one, 'tx-amend', AMENDMENT_VALUE_LIMIT, txAmendSchema, lookup);
    if (!amendment.ok) return { ok: false, reason: `payload.amendments[${n}]: ${amendment.reason}` };
    if (amendment.data.requester !== requester || amendment.data.intentId !== intentId)
      return { ok: false, reason: `payload.amendments[${n}]: it is of another intent` };
    amendments.push(amendment.data);
  }
  const { value } = opened;
  const intent = amendedIntent(opened.data, amendments);
  const isRaised = RAISED_BY_AMENDMENTS.some((term) => intent[term] !== opened.data[term]);
  return { ok: true, intent, hash: requestHash(value), value, isRaised };
}

type Opened<T> =
  | { readonly ok: true; readonly data: T; readonly value: Buffer }
  | { readonly ok: false; readonly reason: string };

/** A client's record inside another: signed by the requester that it names, and well formed. */
function open<T extends { requester: string }>(
  { bytes, jws }: SignedBytes,
  typ: 'tx-intent' | 'tx-amend',
  limit: number,
  schema: z.ZodType<T>,
  lookup: KeyLookup,
): Opened<T> {
  const value = Buffer.from(bytes, 'base64url');
  if (value.length > limit) return broken(`it has more than ${limit} bytes`);
  const verdict = verifyDetached(jws, value, typ, lookup);
  if ('error' in verdict) return broken(verdict.reason);
  const json = readStrictJson(value);
  if (!json.ok) return broken(json.reason);
  const parsed = schema.safeParse(json.data);
  if (!parsed.success) return broken(schemaIssues(parsed.error).join('; '));
  const [problem] = [...json.problems, ...ambiguityIssues(json.data)];
  if (problem !== undefined) return broken(problem);
  if (parsed.data.requester !== verdict.kid) return broken('its requester is not the kid of its JWS');
  return { ok: true, data: parsed.data, value };
}

/**
 * The id of the whole story that a sign request belongs to: its requestId, or for `evm-intent` the intentId inside
 * (unverified: for correlation only).
 */
export function correlationIdOf(request: SignRequest): string {
  return claimedIntentId(request) ?? request.requestId;
}

/** The intentId inside an `evm-intent` request, unverified; undefined when there is none. */
export function claimedIntentId(request: SignRequest): string | undefined {
  return claimed(request, 'intentId');
}

/** Who made the intent inside an `evm-intent` request, unverified; undefined when there is none. */
export function claimedIntentRequester(request: SignRequest): string | undefined {
  return claimed(request, 'requester');
}

function claimed({ payload }: SignRequest, name: 'intentId' | 'requester'): string | undefined {
  if (payload.kind !== 'evm-intent') return undefined;
  const json = readStrictJson(Buffer.from(payload.intent.bytes, 'base64url'));
  if (!json.ok) return undefined;
  const parsed = txIntentSchema.shape[name].safeParse(json.data[name]);
  return parsed.success ? parsed.data : undefined;
}

function broken(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
