/**
 * The type declarations of EIP-712 typed data, checked before anything is hashed: names, known types, no cycles, and
 * few enough of everything that hashing stays cheap whatever was sent.
 */
import { Invalid } from '@quorate/platform';

/** One member of a struct type. */
export interface TypedDataField {
  name: string;
  type: string;
}
/** Struct types by name. */
export type TypedDataTypes = Map<string, TypedDataField[]>;

export const maxTypes = 64;
export const maxFieldsPerType = 128;
/** Ways from the primary type to a leaf struct; ethers walks each of them. */
export const maxTypePaths = 1024;
export const maxArrayDimensions = 4;

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]{0,99}$/;
const arraySuffix = /^(.*)\[([1-9]\d{0,5})?\]$/;
const integer = /^u?int(\d+)$/;
const fixedBytes = /^bytes([1-9]|[12]\d|3[0-2])$/;

/**
 * Reads the `types` object of typed data.
 *
 * @throws Invalid naming the declaration that is wrong.
 */
export function readTypes(value: unknown): TypedDataTypes {
  if (!isObject(value)) throw invalid('types must be an object of struct types');
  const names = Object.keys(value);
  if (names.length > maxTypes) throw invalid(`types declares more than ${maxTypes} structs: declare fewer`);
  const types: TypedDataTypes = new Map();
  for (const name of names) {
    if (!identifier.test(name) || name === '__proto__')
      throw invalid('types has a name that is no identifier: rename it');
    if (isAtomic(name) || /^u?int$/.test(name))
      throw invalid(`types.${name} redefines a built-in type: rename it`);
    types.set(name, readFields(name, value[name]));
  }
  for (const [name, fields] of types) {
    for (const field of fields) {
      const base = baseType(field.type);
      if (!isAtomic(base) && !types.has(base)) throw invalid(unknownType(name, field, base));
    }
  }
  return types;
}

/**
 * The declarations that `primary` needs, itself included.
 *
 * @throws Invalid on a cycle or too many paths.
 */
export function reachableTypes(types: TypedDataTypes, primary: string): TypedDataTypes {
  const paths = new Map<string, number>();
  const open = new Set<string>();
  const visit = (name: string): number => {
    const known = paths.get(name);
    if (known !== undefined) return known;
    if (open.has(name)) throw invalid(`types.${name} contains itself: recursive types are not supported`);
    open.add(name);
    let count = 1;
    for (const child of structChildren(types, name)) count += visit(child);
    if (count > maxTypePaths) throw invalid('types nests its structs in too many ways: flatten them');
    open.delete(name);
    paths.set(name, count);
    return count;
  };
  visit(primary);
  return new Map([...types].filter(([name]) => paths.has(name)));
}

/** The struct that no other struct contains, for typed data without `primaryType`. */
export function onlyRoot(types: TypedDataTypes): string {
  const contained = new Set([...types.keys()].flatMap((name) => structChildren(types, name)));
  const roots = [...types.keys()].filter((name) => !contained.has(name));
  const [root] = roots;
  if (root === undefined || roots.length > 1)
    throw invalid('primaryType is missing and types has not exactly one root: add it');
  return root;
}

/** Splits one array suffix off: `Mail[2][]` is an array of `Mail[2]` of any length. */
export function arrayOf(type: string): { element: string; length: number | undefined } | undefined {
  const match = arraySuffix.exec(type);
  if (match?.[1] === undefined) return undefined;
  return { element: match[1], length: match[2] === undefined ? undefined : Number(match[2]) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function invalid(what: string): Invalid {
  return new Invalid('invalid', `The typed data cannot be signed: ${what}.`);
}

function readFields(name: string, value: unknown): TypedDataField[] {
  if (!Array.isArray(value)) throw invalid(`types.${name} must be an array of { name, type }`);
  if (value.length > maxFieldsPerType)
    throw invalid(`types.${name} has more than ${maxFieldsPerType} fields`);
  const seen = new Set<string>();
  return value.map((field: unknown) => {
    if (!isObject(field) || typeof field.name !== 'string' || typeof field.type !== 'string') {
      throw invalid(`types.${name} must be an array of { name, type }`);
    }
    if (!identifier.test(field.name) || field.name === '__proto__') {
      throw invalid(`types.${name} has a field whose name is no identifier: rename it`);
    }
    if (seen.has(field.name)) throw invalid(`types.${name} declares ${field.name} twice: rename one`);
    seen.add(field.name);
    if (field.type.length > 200)
      throw invalid(`types.${name}.${field.name} has a type name longer than 200 characters`);
    return { name: field.name, type: field.type };
  });
}

function baseType(type: string): string {
  let base = type;
  for (let dimensions = 0; ; dimensions++) {
    const array = arrayOf(base);
    if (array === undefined) return base;
    if (dimensions === maxArrayDimensions)
      throw invalid(`${type.slice(0, 60)} has more than ${maxArrayDimensions} array dimensions`);
    base = array.element;
  }
}

function structChildren(types: TypedDataTypes, name: string): string[] {
  const bases = (types.get(name) ?? []).map((field) => baseType(field.type));
  return [...new Set(bases)].filter((base) => types.has(base));
}

function isAtomic(type: string): boolean {
  if (['address', 'bool', 'bytes', 'string'].includes(type) || fixedBytes.test(type)) return true;
  const width = integer.exec(type)?.[1];
  return width !== undefined && /^[1-9]/.test(width) && Number(width) % 8 === 0 && Number(width) <= 256;
}

function unknownType(name: string, field: TypedDataField, base: string): string {
  const alias = base === 'int' || base === 'uint' ? `: write ${base}256` : ': declare it in types';
  return `types.${name}.${field.name} is of unknown type ${base.slice(0, 60)}${alias}`;
}
