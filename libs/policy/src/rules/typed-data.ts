/** Which typed data (EIP-712) may be signed: a permit moves money as a transfer does. */
import { type ArgumentValue } from '@quorate/evm';
import { isJsonObject, type TypedData } from '@quorate/protocol';
import { type ClientEntry, type TypedDataRule } from '../file/requester-entry';
import { brokenLimit } from './limit';
import { finding, type Rule } from './rule';

export const typedData: Rule = (entry, { typedData: data }) => {
  if (data === undefined || entry.typedData === undefined) return undefined;
  const allowed = rulesFor(entry, data).length > 0;
  const { chainId, verifyingContract } = data.domain;
  const place = `chain ${text(chainId)}, contract ${text(verifyingContract)}`;
  return finding(
    'typed-data',
    allowed,
    `${data.primaryType.slice(0, 100)} for ${place} is ${allowed ? 'allowed' : 'not allowed'}`,
  );
};

export const typedDataFields: Rule = (entry, { typedData: data }) => {
  const rules = data && rulesFor(entry, data);
  if (data === undefined || rules === undefined || rules.length === 0) return undefined;
  const broken = rules.map((rule) => brokenField(rule, data));
  const [first] = broken;
  return first === undefined || broken.includes(undefined)
    ? finding('typed-data-field', true, 'the fields are within their limits')
    : finding('typed-data-field', false, first);
};

function rulesFor(entry: ClientEntry, data: TypedData): TypedDataRule[] {
  return (entry.typedData ?? []).filter((rule) => fitsDomain(rule, data));
}

function fitsDomain(
  { chainId, verifyingContract, name, primaryTypes }: TypedDataRule,
  data: TypedData,
): boolean {
  const { domain, primaryType } = data;
  return (
    primaryTypes.includes(primaryType) &&
    (chainId === undefined || integer(domain.chainId) === BigInt(chainId)) &&
    (verifyingContract === undefined || text(domain.verifyingContract).toLowerCase() === verifyingContract) &&
    (name === undefined || domain.name === name)
  );
}

function brokenField(
  { fields }: TypedDataRule,
  { types, primaryType, message }: TypedData,
): string | undefined {
  for (const [name, limit] of Object.entries(fields)) {
    const type = typeOfField(types[primaryType], name);
    const value = type === undefined ? undefined : fieldValue(type, message[name]);
    if (value === undefined) return `${name}: ${primaryType} has no such field of a simple type`;
    const problem = brokenLimit(limit, value);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

function typeOfField(declared: unknown, name: string): string | undefined {
  const fields: unknown[] = Array.isArray(declared) ? declared : [];
  const field = fields.find((candidate) => isJsonObject(candidate) && candidate.name === name);
  return isJsonObject(field) && typeof field.type === 'string' ? field.type : undefined;
}

/** A field as it is signed; numbers may be written as numbers, decimal or hex. */
function fieldValue(type: string, value: unknown): ArgumentValue | undefined {
  if (/^u?int\d*$/.test(type)) return integer(value);
  if (type === 'address' && typeof value === 'string') return value.toLowerCase();
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

function integer(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^(-?\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(value)
    ? BigInt(value)
    : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 80) : 'none';
}
