/**
 * Calls of contract functions, read strictly (Solidity contract ABI): data is a call of a function only when it is equal
 * to the encoding of what it decodes to, so that no byte is hidden behind the arguments.
 */
import { Invalid } from '@quorate/platform';
import { AbiCoder, FunctionFragment, ParamType, Result } from 'ethers';

/** A parameter; `name` is its place, from "0", when the declaration does not name it. */
export interface FunctionParameter {
  readonly name: string;
  /** Canonical, such as `uint256` or `(address,uint256)[]`. */
  readonly type: string;
}

/** A function of a contract, as plain data. */
export interface ContractFunction {
  /** Canonical, such as `transfer(address,uint256)`. */
  readonly signature: string;
  /** The first four bytes of its hash, 0x-hex. */
  readonly selector: string;
  readonly parameters: readonly FunctionParameter[];
}

/** A decoded argument: integers as bigint, bytes and addresses as lower-case 0x-hex. */
export type ArgumentValue = bigint | boolean | string | readonly ArgumentValue[];

/** Reading a type costs more than decoding a value of it. */
const readTypes = new WeakMap<ContractFunction, ParamType[]>();

/**
 * Reads a declaration such as `transfer(address to, uint256 amount)`.
 *
 * @throws Invalid when it declares no function.
 */
export function contractFunction(declaration: string): ContractFunction {
  let fragment: FunctionFragment;
  try {
    fragment = FunctionFragment.from(declaration);
  } catch {
    throw new Invalid(
      'invalid',
      `"${declaration.slice(0, 100)}" declares no function: write it as transfer(address to, uint256 amount)`,
    );
  }
  return {
    signature: fragment.format('sighash'),
    selector: fragment.selector,
    parameters: fragment.inputs.map((input, place) => ({
      name: input.name === '' ? String(place) : input.name,
      type: input.format('sighash'),
    })),
  };
}

/**
 * The arguments of a call, in the order of the parameters.
 *
 * @param data of the transaction, 0x-hex in lower case.
 * @returns undefined when the data is no call of this function, or not its only encoding (extra or missing bytes).
 */
export function decodeCall(called: ContractFunction, data: string): ArgumentValue[] | undefined {
  const { selector } = called;
  if (!data.startsWith(selector)) return undefined;
  const encoded = `0x${data.slice(selector.length)}`;
  const types = typesOf(called);
  try {
    const values = decodeOnce(types, encoded);
    if (AbiCoder.defaultAbiCoder().encode(types, [...values]) !== encoded) return undefined;
    return [...values].map(plain);
  } catch {
    return undefined;
  }
}

/** The data of a call, 0x-hex. */
export function encodeCall(called: ContractFunction, values: readonly unknown[]): string {
  return called.selector + AbiCoder.defaultAbiCoder().encode(typesOf(called), values).slice(2);
}

/** ethers' own limit. */
const usualInflation = 1024;

/**
 * Decodes bytes of which each is read once at most: in the only encoding of a call no two arguments share bytes. Otherwise
 * thousands of offsets to one large argument make gigabytes of a record of 60 KB, before the comparison would refuse it.
 */
function decodeOnce(types: readonly ParamType[], encoded: string): Result {
  AbiCoder._setDefaultMaxInflation(1);
  try {
    return AbiCoder.defaultAbiCoder().decode(types, encoded);
  } finally {
    AbiCoder._setDefaultMaxInflation(usualInflation);
  }
}

function typesOf(called: ContractFunction): ParamType[] {
  const known = readTypes.get(called);
  if (known !== undefined) return known;
  const types = called.parameters.map(({ type }) => ParamType.from(type));
  readTypes.set(called, types);
  return types;
}

function plain(value: unknown): ArgumentValue {
  if (value instanceof Result) return [...value].map(plain);
  if (typeof value === 'bigint' || typeof value === 'boolean') return value;
  const text = String(value);
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? text.toLowerCase() : text;
}
