import { readStrictJson } from '../json/strict-json';
import { verifyDetached } from '../jws';
import { type KeyLookup } from '../key-lookup';
import { CLIENT_VALUE_LIMIT } from '../limits';
import { requestHash } from '../request-hash';
import { type SignRequest } from '../schemas/sign-request';
import { type SignedBytes } from '../schemas/signed-bytes';
import { type TxIntent, txIntentSchema } from '../schemas/tx-intent';
import { schemaIssues } from './schema-issues';

export type EmbeddedIntent =
  | { readonly ok: true; readonly intent: TxIntent; readonly hash: string; readonly value: Buffer }
  | { readonly ok: false; readonly reason: string };

/**
 * The client's intent inside a payload of kind `evm-intent`: signed by its requester, and well formed.
 * @param lookup the keys of clients (not of submitters). Never throws.
 */
export function openEmbeddedIntent({ bytes, jws }: SignedBytes, lookup: KeyLookup): EmbeddedIntent {
  const value = Buffer.from(bytes, 'base64url');
  if (value.length > CLIENT_VALUE_LIMIT) return broken(`it has more than ${CLIENT_VALUE_LIMIT} bytes`);
  const verdict = verifyDetached(jws, value, 'tx-intent', lookup);
  if ('error' in verdict) return broken(verdict.reason);
  const json = readStrictJson(value);
  if (!json.ok) return broken(json.reason);
  const parsed = txIntentSchema.safeParse(json.data);
  if (!parsed.success) return broken(schemaIssues(parsed.error).join('; '));
  const [problem] = json.problems;
  if (problem !== undefined) return broken(problem);
  if (parsed.data.requester !== verdict.kid) return broken('its requester is not the kid of its JWS');
  return { ok: true, intent: parsed.data, hash: requestHash(value), value };
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

function broken(reason: string): EmbeddedIntent {
  return { ok: false, reason: `payload.intent: ${reason}` };
}
