import { readStrictJson, type JsonObject } from '../json/strict-json';
import { type JwsError, verifyDetached } from '../jws';
import { type KeyLookup } from '../key-lookup';
import { SERVICE_VALUE_LIMIT } from '../limits';
import { lastSegment } from './encode-record';
import { CLIENT_RECORD_TYPES, type ClientRecordTyp, type RawRecord, type RecordTyp } from './record-types';

/** Why a record is not what it says; the code goes into `dl_code` and metrics, the reason is for people. */
export type RefusalCode =
  | JwsError['error']
  | 'no-value'
  | 'too-large'
  | 'no-jws'
  | 'wrong-type'
  | 'wrong-source'
  | 'too-deep'
  | 'not-utf8'
  | 'not-json'
  | 'requester-mismatch'
  | 'unreadable-id'
  | 'type-mismatch'
  | 'id-mismatch'
  | 'invalid';

export interface VerifiedRecord {
  readonly ok: true;
  readonly kid: string;
  readonly typ: RecordTyp;
  /** The ce_type. */
  readonly type: string;
  /** A JSON object; its content is not checked against any schema. */
  readonly data: JsonObject;
  /** What makes the content invalid although it is JSON (U+0000, duplicate names, ...). */
  readonly problems: readonly string[];
  /** Names that the outermost object has twice. */
  readonly ambiguous: readonly string[];
  readonly value: Buffer;
  readonly jws: string;
  /** The `approvals` header as it came; `verifyApprovals` checks it. */
  readonly approvals?: string;
}

export interface RefusedRecord {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly reason: string;
  /** Whether the signature was valid: then the signer is to blame, else anybody. */
  readonly signed: boolean;
}

export interface VerifyOptions {
  /** What the topic may hold. Client typs belong to one ce_type each; at most one service typ. */
  readonly typs: readonly RecordTyp[];
  readonly lookup: KeyLookup;
  /** Bytes of the value, checked first; default: 640 KiB, what services may write. */
  readonly limit?: number;
}

/**
 * Reads a record that came from anywhere: size, JWS, ce_type and ce_source against the signature, then depth and JSON.
 * Never throws.
 */
export function verifyRecord(raw: RawRecord, options: VerifyOptions): VerifiedRecord | RefusedRecord {
  const { typs, lookup, limit = SERVICE_VALUE_LIMIT } = options;
  const { value } = raw;
  if (value === null) return unsigned('no-value', 'the record has no value');
  if (value.length > limit) {
    return unsigned('too-large', `the value has ${value.length} bytes; at most ${limit} are taken here`);
  }
  const jws = headerText(raw, 'jws');
  if (jws === undefined)
    return unsigned('no-jws', 'the header jws is missing: a detached JWS over the value');
  const type = headerText(raw, 'ce_type') ?? '';
  const typ = typs.find((candidate) => typeBelongsTo(type, candidate));
  if (typ === undefined) return unsigned('wrong-type', `ce_type ${show(type)} does not belong on this topic`);
  const verdict = verifyDetached(jws, value, typ, lookup);
  if ('error' in verdict) return unsigned(verdict.error, verdict.reason);
  const { kid } = verdict;
  const source = headerText(raw, 'ce_source') ?? '';
  if (lastSegment(source) !== kid) {
    return unsigned(
      'wrong-source',
      `the last segment of ce_source ${show(source)} must be the kid "${kid}" of the JWS`,
    );
  }
  const json = readStrictJson(value);
  if (!json.ok) return { ok: false, code: json.code, reason: json.reason, signed: true };
  const { data, problems, ambiguous } = json;
  const approvals = headerText(raw, 'approvals');
  return {
    ok: true,
    ...{ kid, typ, type, data, problems, ambiguous, value, jws },
    ...(approvals === undefined ? {} : { approvals }),
  };
}

/** A header as text; undefined when it is not there. */
export function headerText(raw: RawRecord, name: string): string | undefined {
  return Object.hasOwn(raw.headers, name) ? raw.headers[name]?.toString('utf8') : undefined;
}

function typeBelongsTo(type: string, typ: RecordTyp): boolean {
  return isClientTyp(typ)
    ? CLIENT_RECORD_TYPES[typ] === type
    : /^quorate(?:\.[a-z0-9-]+){2,4}\.v[0-9]+$/.test(type);
}

function isClientTyp(typ: RecordTyp): typ is ClientRecordTyp {
  return Object.hasOwn(CLIENT_RECORD_TYPES, typ);
}

function unsigned(code: RefusalCode, reason: string): RefusedRecord {
  return { ok: false, code, reason, signed: false };
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
