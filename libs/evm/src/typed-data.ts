/**
 * EIP-712 typed data. The values are checked strictly against the declared types first, because lenient readings (the
 * string "false" for a bool, fields that are shown but not hashed) let two people read one signature differently.
 */
import { concat, keccak256, TypedDataEncoder } from 'ethers';

import { arrayOf, invalid, isObject, onlyRoot, reachableTypes, readTypes } from './typed-data-types';
import { type TypedDataField, type TypedDataTypes } from './typed-data-types';

/** Values in a message, structs and array elements counted. */
export const maxValues = 8192;
/** Nesting of structs and arrays in a message. */
export const maxDepth = 16;
/** Characters of all strings and byte strings in a message. */
export const maxCharacters = 262_144;

const domainTypes = new Map([
  ['name', 'string'],
  ['version', 'string'],
  ['chainId', 'uint256'],
  ['verifyingContract', 'address'],
  ['salt', 'bytes32'],
]);

/**
 * The digest of typed data `{ types, primaryType?, domain, message }`: keccak256(0x1901 || domain || message), 0x-hex.
 * With `types.EIP712Domain` the domain is hashed as declared, without it by the members that it has.
 *
 * @throws Invalid naming the part that is wrong or too large.
 */
export function eip712Digest(typedData: unknown): string {
  if (!isObject(typedData)) throw invalid('it must be an object with types, primaryType, domain and message');
  const declared = readTypes(typedData.types);
  const domain = typedData.domain ?? {};
  if (!isObject(domain)) throw invalid('domain must be an object');
  const domainFields = fieldsOfDomain(declared.get('EIP712Domain'), domain);
  const types = new Map([...declared].filter(([name]) => name !== 'EIP712Domain'));
  const primaryType = typedData.primaryType ?? onlyRoot(types);
  if (typeof primaryType !== 'string' || !types.has(primaryType))
    throw invalid('primaryType must name a struct of types');
  return keccak256(
    concat([
      '0x1901',
      hashStruct('EIP712Domain', new Map([['EIP712Domain', domainFields]]), domain, 'domain'),
      hashStruct(primaryType, reachableTypes(types, primaryType), typedData.message, 'message'),
    ]),
  );
}

function fieldsOfDomain(
  declared: TypedDataField[] | undefined,
  domain: Record<string, unknown>,
): TypedDataField[] {
  const fields =
    declared ?? [...domainTypes].filter(([name]) => name in domain).map(([name, type]) => ({ name, type }));
  for (const { name, type } of fields) {
    if (domainTypes.get(name) !== type)
      throw invalid(`types.EIP712Domain.${name} is no member of the standard domain`);
  }
  return fields;
}

function hashStruct(name: string, types: TypedDataTypes, value: unknown, where: string): string {
  new ValueCheck(types).check(name, value, where, 0);
  try {
    return TypedDataEncoder.hashStruct(name, Object.fromEntries(types), isObject(value) ? value : {});
  } catch {
    throw invalid(`${where} does not fit its types`);
  }
}

/** Walks a message along its types, counting what it meets. */
class ValueCheck {
  private values = 0;
  private characters = 0;

  constructor(private readonly types: TypedDataTypes) {}

  check(type: string, value: unknown, where: string, depth: number): void {
    if (++this.values > maxValues) throw invalid(`it has more than ${maxValues} values: split it`);
    if (depth > maxDepth) throw invalid(`it is nested deeper than ${maxDepth} levels: flatten it`);
    const array = arrayOf(type);
    const fields = this.types.get(type);
    if (array !== undefined) this.checkArray(array, value, where, depth);
    else if (fields !== undefined) this.checkStruct(fields, value, where, depth);
    else this.checkAtom(type, value, where);
  }

  private checkArray(
    type: { element: string; length: number | undefined },
    value: unknown,
    where: string,
    depth: number,
  ) {
    if (!Array.isArray(value)) throw invalid(`${where} must be an array`);
    if (type.length !== undefined && value.length !== type.length) {
      throw invalid(`${where} must have ${type.length} elements, not ${value.length}`);
    }
    value.forEach((element, i) => this.check(type.element, element, `${where}[${i}]`, depth + 1));
  }

  private checkStruct(fields: TypedDataField[], value: unknown, where: string, depth: number) {
    if (!isObject(value)) throw invalid(`${where} must be an object`);
    for (const name of Object.keys(value)) {
      if (!fields.some((field) => field.name === name)) {
        throw invalid(
          `${where}.${name.slice(0, 60)} is not declared in types, so it would not be signed: remove or declare it`,
        );
      }
    }
    for (const { name, type } of fields) {
      if (!Object.hasOwn(value, name)) throw invalid(`${where}.${name} is missing`);
      this.check(type, value[name], `${where}.${name}`, depth + 1);
    }
  }

  private checkAtom(type: string, value: unknown, where: string) {
    if (typeof value === 'string') this.characters += value.length;
    if (this.characters > maxCharacters)
      throw invalid(`it has more than ${maxCharacters} characters: shorten it`);
    const problem = atomProblem(type, value);
    if (problem !== undefined) throw invalid(`${where} must be ${problem}`);
  }
}

/** What a value of an atomic type must be, when it is not. */
function atomProblem(type: string, value: unknown): string | undefined {
  if (type === 'bool') return typeof value === 'boolean' ? undefined : 'true or false';
  if (type === 'string') return typeof value === 'string' ? undefined : 'a string';
  if (type === 'address') return isHex(value, 20) ? undefined : 'an address: 0x and 40 hex digits';
  if (type === 'bytes') return isHex(value) ? undefined : 'bytes: 0x and an even number of hex digits';
  if (type.startsWith('bytes')) {
    const length = Number(type.slice('bytes'.length));
    return isHex(value, length) ? undefined : `${type}: 0x and ${2 * length} hex digits`;
  }
  return integerProblem(type, value);
}

function integerProblem(type: string, value: unknown): string | undefined {
  const problem = `an integer that fits ${type}, as a decimal or 0x-hex string when above 2^53`;
  const number = integerOf(value);
  if (number === undefined) return problem;
  const bits = BigInt(type.slice(type.indexOf('t') + 1));
  const [low, high] = type.startsWith('u') ? [0n, 2n ** bits] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n)];
  return number >= low && number < high ? undefined : problem;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string' || !/^(?:-?\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(value)) return undefined;
  return BigInt(value);
}

function isHex(value: unknown, bytes?: number): boolean {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return false;
  return bytes === undefined || value.length === 2 + 2 * bytes;
}
