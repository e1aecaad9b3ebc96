import { randomBytes, randomUUID } from 'node:crypto';
import { Invalid } from '@quorate/platform';
import {
  type ClientRecordTyp,
  type EncodedRecord,
  encodeClientRecord,
  type RecordSigner,
  requestHash,
  schemaIssues,
  type SignRequestInput,
  signRequestSchema,
  type TxAmendInput,
  txAmendSchema,
  type TxIntentInput,
  txIntentSchema,
} from '@quorate/protocol';

/** A signed sign request, intent or amendment. Its bytes are its identity: produced twice, it still has one outcome. */
export interface PreparedRecord<Kind extends ClientRecordTyp> {
  readonly kind: Kind;
  /** requestId or intentId. */
  readonly id: string;
  /** 0x + SHA-256 of the value; outcomes carry it. */
  readonly hash: string;
  readonly record: EncodedRecord;
}

export type PreparedSignRequest = PreparedRecord<'sign-request'>;
export type PreparedIntent = PreparedRecord<'tx-intent'>;
export type PreparedAmendment = PreparedRecord<'tx-amend'>;

/** A sign request; what is left out is filled in: a random id and nonce, and `expiresAt` five minutes from now. */
export type SignRequestOptions = Pick<SignRequestInput, 'keyId' | 'path' | 'payload'> &
  Partial<Pick<SignRequestInput, 'requestId' | 'nonce' | 'expiresAt'>>;

/** A transaction intent, amounts in wei; what is left out is filled in: a random id, and `expiresAt` in five minutes. */
export type IntentOptions = Omit<TxIntentInput, 'intentId' | 'requester' | 'expiresAt' | 'data'> &
  Partial<Pick<TxIntentInput, 'intentId' | 'expiresAt' | 'data'>>;

/** What changes of an intent: higher ceilings, a later expiry, or `cancel: true`. */
export type AmendmentOptions = Omit<TxAmendInput, 'intentId' | 'requester'>;

const DEFAULT_VALIDITY_MS = 5 * 60_000;

/** @throws Invalid `request` naming each wrong field. */
export function prepareSignRequest(
  options: SignRequestOptions,
  signer: RecordSigner,
  now: Date,
): PreparedSignRequest {
  const parsed = signRequestSchema.safeParse({
    requestId: `r-${randomUUID()}`,
    requester: signer.kid,
    nonce: `0x${randomBytes(32).toString('hex')}`,
    expiresAt: validUntil(now),
    ...options,
  });
  if (!parsed.success) throw new Invalid('request', schemaIssues(parsed.error).join('; '));
  const id = parsed.data.requestId;
  const record = encodeClientRecord({ typ: 'sign-request', data: parsed.data, key: id, time: now }, signer);
  return { kind: 'sign-request', id, hash: requestHash(record.value), record };
}

/** @throws Invalid `intent` naming each wrong field. */
export function prepareIntent(options: IntentOptions, signer: RecordSigner, now: Date): PreparedIntent {
  const parsed = txIntentSchema.safeParse({
    intentId: `i-${randomUUID()}`,
    requester: signer.kid,
    data: '0x',
    expiresAt: validUntil(now),
    ...options,
  });
  if (!parsed.success) throw new Invalid('intent', schemaIssues(parsed.error).join('; '));
  const id = parsed.data.intentId;
  const record = encodeClientRecord({ typ: 'tx-intent', data: parsed.data, key: id, time: now }, signer);
  return { kind: 'tx-intent', id, hash: requestHash(record.value), record };
}

/** @throws Invalid `amendment` naming each wrong field. */
export function prepareAmendment(
  intentId: string,
  change: AmendmentOptions,
  signer: RecordSigner,
  now: Date,
): PreparedAmendment {
  const parsed = txAmendSchema.safeParse({ intentId, requester: signer.kid, ...change });
  if (!parsed.success) throw new Invalid('amendment', schemaIssues(parsed.error).join('; '));
  const record = encodeClientRecord({ typ: 'tx-amend', data: parsed.data, key: intentId, time: now }, signer);
  return { kind: 'tx-amend', id: intentId, hash: requestHash(record.value), record };
}

function validUntil(now: Date): string {
  return new Date(now.getTime() + DEFAULT_VALIDITY_MS).toISOString();
}
