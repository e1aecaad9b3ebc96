import { type z } from 'zod';
import { type KeyLookup } from '../key-lookup';
import { schemaIssues } from './schema-issues';
import { type RawRecord, type ServiceRecordTyp } from './record-types';
import { headerText, type RefusedRecord, verifyRecord } from './verify-record';

/** A record of a service: verified, its headers equal to what the signature covers, and of the given schema. */
export interface VerifiedServiceRecord<T> {
  readonly ok: true;
  readonly kid: string;
  readonly type: string;
  readonly id: string;
  readonly data: T;
  readonly value: Buffer;
  readonly jws: string;
}

export interface ServiceRecordOptions<T> {
  readonly typ: ServiceRecordTyp;
  readonly schema: z.ZodType<T>;
  /** Only the identities that may write here, such as `peers.lookup('coordinator')` for finals. */
  readonly lookup: KeyLookup;
}

/**
 * Reads a record that must come from a service. The `type` and `id` (`eventId` of events) inside the signed value must
 * equal ce_type and ce_id. Whether `data.node` is the kid is the caller's comparison. Never throws.
 */
export function verifyServiceRecord<T>(
  raw: RawRecord,
  { typ, schema, lookup }: ServiceRecordOptions<T>,
): VerifiedServiceRecord<T> | RefusedRecord {
  const record = verifyRecord(raw, { typs: [typ], lookup });
  if (!record.ok) return record;
  const { data, type, kid, value, jws } = record;
  if (data.type !== type) return refused('type-mismatch', 'the type inside the value differs from ce_type');
  const id = typ === 'event' ? data.eventId : data.id;
  if (typeof id !== 'string' || id !== headerText(raw, 'ce_id')) {
    return refused('id-mismatch', 'the id inside the value differs from ce_id');
  }
  const [problem] = record.problems;
  if (problem !== undefined) return refused('invalid', problem);
  const parsed = schema.safeParse(data);
  if (!parsed.success) return refused('invalid', schemaIssues(parsed.error).join('; '));
  return { ok: true, kid, type, id, data: parsed.data, value, jws };
}

function refused(code: RefusedRecord['code'], reason: string): RefusedRecord {
  return { ok: false, code, reason, signed: true };
}
