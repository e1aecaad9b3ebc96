import { type VerificationKeys } from '@quorate/platform';
import { type z } from 'zod';
import { isId } from '../identifiers';
import { claimedKid } from '../jws';
import { AMENDMENT_VALUE_LIMIT, CLIENT_VALUE_LIMIT, SUBMITTER_VALUE_LIMIT } from '../limits';
import { requestHash } from '../request-hash';
import { type SignRequest, signRequestSchema } from '../schemas/sign-request';
import { type TxAmend, txAmendSchema, type TxIntent, txIntentSchema } from '../schemas/tx-intent';
import { type ClientRecordTyp, type RawRecord } from './record-types';
import { ambiguityIssues, schemaIssues } from './schema-issues';
import { headerText, type RefusalCode, type VerifiedRecord, verifyRecord } from './verify-record';

/** A requester as REQUESTERS_FILE or a node's policy knows it. */
export interface KnownRequester {
  /** More than one while it is replaced. */
  readonly publicKey: VerificationKeys;
  readonly role: 'client' | 'submitter';
}

export type RequesterLookup = (kid: string) => KnownRequester | undefined;

interface ClientRecordFacts {
  readonly requester: string;
  /** requestId, or intentId on tx.intents. */
  readonly id: string;
  /** 0x + SHA-256 of the value. */
  readonly hash: string;
  readonly value: Buffer;
  readonly jws: string;
  readonly approvals?: string;
}

/** Signed, well formed, to be decided on. */
export interface ValidClientRecord<Typ extends ClientRecordTyp, Data> extends ClientRecordFacts {
  readonly kind: 'valid';
  readonly typ: Typ;
  readonly role: KnownRequester['role'];
  readonly data: Data;
}

/** Signed by its requester, but of no valid content: answered with code `invalid`. */
export interface InvalidClientRecord extends ClientRecordFacts {
  readonly kind: 'invalid';
  readonly typ: ClientRecordTyp;
  /** What to change, for the outcome: path and expectation of each wrong field. */
  readonly reason: string;
  readonly details: { readonly issues: readonly string[] };
}

/** Nobody's: to the topic dead-letters, see `deadLetterRecord`. */
export interface DeadClientRecord {
  readonly kind: 'dead-letter';
  readonly code: RefusalCode;
  readonly reason: string;
}

export type ClassifiedSignRequest =
  ValidClientRecord<'sign-request', SignRequest> | InvalidClientRecord | DeadClientRecord;
export type ClassifiedIntent =
  | ValidClientRecord<'tx-intent', TxIntent>
  | ValidClientRecord<'tx-amend', TxAmend>
  | InvalidClientRecord
  | DeadClientRecord;

/** A record of mpc.requests, by "Answers to bad records" of interfaces.md. Never throws. */
export function classifySignRequest(raw: RawRecord, lookup: RequesterLookup): ClassifiedSignRequest {
  const kid = claimedKid(headerText(raw, 'jws') ?? '');
  const limit =
    kid !== undefined && lookup(kid)?.role === 'submitter' ? SUBMITTER_VALUE_LIMIT : CLIENT_VALUE_LIMIT;
  return classify(raw, lookup, 'sign-request', limit, 'requestId', signRequestSchema);
}

/** A record of tx.intents: an intent, or an amendment of one. Only clients have intents. Never throws. */
export function classifyIntent(raw: RawRecord, lookup: RequesterLookup): ClassifiedIntent {
  return headerText(raw, 'ce_type') === 'quorate.tx.amended.v1'
    ? classify(raw, lookup, 'tx-amend', AMENDMENT_VALUE_LIMIT, 'intentId', txAmendSchema)
    : classify(raw, lookup, 'tx-intent', CLIENT_VALUE_LIMIT, 'intentId', txIntentSchema);
}

function classify<Typ extends ClientRecordTyp, Data>(
  raw: RawRecord,
  lookup: RequesterLookup,
  typ: Typ,
  limit: number,
  idField: 'requestId' | 'intentId',
  schema: z.ZodType<Data>,
): ValidClientRecord<Typ, Data> | InvalidClientRecord | DeadClientRecord {
  const record = verifyRecord(raw, { typs: [typ], limit, lookup: (kid) => lookup(kid)?.publicKey });
  if (!record.ok) return dead(record.code, record.reason);
  const role = lookup(record.kid)?.role;
  if (role === undefined) return dead('unknown-kid', `no key is known for kid "${record.kid}"`);
  const { requester } = record.data;
  if (requester !== record.kid || record.ambiguous.includes('requester')) {
    return dead(
      'requester-mismatch',
      `requester must be given once and equal the kid "${record.kid}" of the JWS`,
    );
  }
  const id = record.data[idField];
  if (!isId(id) || record.ambiguous.includes(idField)) {
    return dead(
      'unreadable-id',
      `${idField} must be given once, as 1 to 100 characters out of A-Z a-z 0-9 _ . : -`,
    );
  }
  const facts = factsOf(record, record.kid, id);
  const parsed = schema.safeParse(record.data);
  const issues = [
    ...record.problems,
    ...ambiguityIssues(record.data),
    ...(parsed.success ? [] : schemaIssues(parsed.error)),
  ];
  if (!parsed.success || issues.length > 0) {
    return { kind: 'invalid', typ, ...facts, reason: issues.join('; '), details: { issues } };
  }
  return { kind: 'valid', typ, role, data: parsed.data, ...facts };
}

function factsOf(record: VerifiedRecord, requester: string, id: string): ClientRecordFacts {
  const { value, jws, approvals } = record;
  return {
    requester,
    id,
    hash: requestHash(value),
    value,
    jws,
    ...(approvals === undefined ? {} : { approvals }),
  };
}

function dead(code: RefusalCode, reason: string): DeadClientRecord {
  return { kind: 'dead-letter', code, reason };
}
