import { type KeyObject } from 'node:crypto';
import { Fatal, Invalid } from '@quorate/platform';
import { isId } from '../identifiers';
import { signDetached } from '../jws';
import {
  AMENDMENT_VALUE_LIMIT,
  APPROVALS_LIMIT,
  CLIENT_VALUE_LIMIT,
  SERVICE_VALUE_LIMIT,
  SUBMITTER_VALUE_LIMIT,
} from '../limits';
import { requestHash } from '../request-hash';
import {
  CLIENT_RECORD_TYPES,
  type ClientRecordTyp,
  type EncodedRecord,
  type RecordTyp,
  type ServiceRecordTyp,
} from './record-types';

/** Signs values under one name. The private key stays inside. */
export interface RecordSigner {
  readonly kid: string;
  sign(typ: RecordTyp, value: Uint8Array): string;
}

/**
 * @param privateKey Ed25519
 * @throws Invalid when the kid is no id or the key is not Ed25519.
 */
export function recordSigner(kid: string, privateKey: KeyObject): RecordSigner {
  if (!isId(kid)) throw new Invalid('kid', 'a kid must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -');
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Invalid('identity-key', `the key of "${kid}" must be an Ed25519 private key`);
  }
  return { kid, sign: (typ, value) => signDetached(privateKey, kid, typ, value) };
}

export interface ServiceRecord {
  readonly typ: ServiceRecordTyp;
  /** `/node/node-1`, `/coordinator/coordinator-1`, ...: its last segment is the signer's kid. */
  readonly source: string;
  /** Repeats its `type`, and its `id` or `eventId`. */
  readonly data: object & { readonly type: string };
  readonly key: string;
  readonly time: Date;
  readonly traceparent?: string | undefined;
}

/**
 * A service's record: CloudEvents headers in binary mode, the JSON value, and the detached JWS over it.
 * @throws Fatal when the data has no id, cannot be JSON, is above 640 KiB, or the source is not the signer's.
 */
export function encodeRecord(record: ServiceRecord, signer: RecordSigner): EncodedRecord {
  const { typ, source, data, key, time, traceparent } = record;
  const id = 'eventId' in data ? data.eventId : 'id' in data ? data.id : undefined;
  if (typeof id !== 'string') throw new Fatal('record', `a ${data.type} must have an id or eventId`);
  if (lastSegment(source) !== signer.kid) {
    throw new Fatal('record', `${source} does not end with the signer's kid ${signer.kid}`);
  }
  const value = jsonBytes(data);
  if (value.length > SERVICE_VALUE_LIMIT) {
    throw new Fatal('record', `a ${data.type} of ${value.length} bytes is above ${SERVICE_VALUE_LIMIT}`);
  }
  const headers = cloudEventHeaders({ id, source, type: data.type, time, traceparent });
  return { key, value, headers: { ...headers, jws: signer.sign(typ, value) } };
}

export interface ClientRecord {
  readonly typ: ClientRecordTyp;
  /** Default: `/client/<kid>`; the submitter gives `/submitter/<kid>`. */
  readonly source?: string | undefined;
  /** The JSON value: an object, or the exact bytes to send. */
  readonly data: object | Uint8Array;
  /** requestId or intentId. */
  readonly key: string;
  readonly time: Date;
  readonly approvals?: readonly string[] | undefined;
  readonly traceparent?: string | undefined;
}

/**
 * A record as clients write them: a sign request, an intent or an amendment.
 * @throws Invalid `too-large` above the limit of the record's kind, `approvals` when there are too many.
 */
export function encodeClientRecord(record: ClientRecord, signer: RecordSigner): EncodedRecord {
  const { typ, key, time, traceparent, approvals = [] } = record;
  const source = record.source ?? `/client/${signer.kid}`;
  const value = record.data instanceof Uint8Array ? Buffer.from(record.data) : jsonBytes(record.data);
  const limit = sizeLimit(typ, source);
  if (value.length > limit)
    throw new Invalid('too-large', `the value has ${value.length} bytes; at most ${limit} are taken`);
  if (approvals.length > APPROVALS_LIMIT)
    throw new Invalid('approvals', `at most ${APPROVALS_LIMIT} approvals are taken`);
  // An intent and each of its amendments need ids of their own, and the same bytes always get the same one.
  const id = typ === 'tx-amend' ? `${key.slice(0, 60)}:${requestHash(value).slice(2, 34)}` : key;
  const headers = cloudEventHeaders({ id, source, type: CLIENT_RECORD_TYPES[typ], time, traceparent });
  return {
    key,
    value,
    headers: {
      ...headers,
      jws: signer.sign(typ, value),
      ...(approvals.length === 0 ? {} : { approvals: approvals.join(',') }),
    },
  };
}

/**
 * A record that was kept, to be published again: signed anew where it is the signer's own. The same key gives the same bytes
 * (Ed25519 is deterministic); after its key was replaced, readers look for a signature of the present one (docs/rotation.md).
 */
export function signedAgain<R extends { value: Buffer; headers: Readonly<Record<string, string>> }>(
  record: R,
  typ: RecordTyp,
  signer: RecordSigner,
): R {
  const { value, headers } = record;
  if (lastSegment(headers['ce_source'] ?? '') !== signer.kid) return record;
  return { ...record, headers: { ...headers, jws: signer.sign(typ, value) } };
}

/** The last segment of a ce_source, which must be the signer's kid. */
export function lastSegment(source: string): string {
  return source.slice(source.lastIndexOf('/') + 1);
}

function sizeLimit(typ: ClientRecordTyp, source: string): number {
  if (typ === 'tx-amend') return AMENDMENT_VALUE_LIMIT;
  return source.startsWith('/submitter/') ? SUBMITTER_VALUE_LIMIT : CLIENT_VALUE_LIMIT;
}

function jsonBytes(data: object): Buffer {
  try {
    return Buffer.from(JSON.stringify(data), 'utf8');
  } catch (cause) {
    throw new Fatal('record', 'the data cannot be written as JSON (write bigints as decimal strings)', {
      cause,
    });
  }
}

interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: Date;
  readonly traceparent: string | undefined;
}

function cloudEventHeaders({ id, source, type, time, traceparent }: CloudEvent): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_time: time.toISOString(),
    'content-type': 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
