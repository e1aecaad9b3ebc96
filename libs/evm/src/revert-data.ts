/**
 * What a contract gave back when it reverted, in words. Solidity ABI specification, "Errors":
 * https://docs.soliditylang.org/en/v0.8.30/control-structures.html#panic-via-assert-and-error-via-require
 */
import { plainText } from './untrusted-text';

/** Of Error(string), which `require` and `revert` with a text give. */
const errorSelector = '08c379a0';
/** Of Panic(uint256), which the compiler's own checks give. */
const panicSelector = '4e487b71';

const panics = new Map<bigint, string>([
  [0x00n, 'a panic of the compiler'],
  [0x01n, 'an assertion failed'],
  [0x11n, 'arithmetic overflow or underflow'],
  [0x12n, 'division by zero'],
  [0x21n, 'a value outside of its enum'],
  [0x22n, 'an incorrectly encoded byte array in storage'],
  [0x31n, 'pop of an empty array'],
  [0x32n, 'an index out of bounds'],
  [0x41n, 'too much memory was asked for'],
  [0x51n, 'a call of an uninitialised function'],
]);

/** Hex digits of an error's arguments that are kept. */
const longestArguments = 128;

/**
 * Describes revert data.
 *
 * @param data 0x-hex, as a node gave it.
 * @returns undefined when there is none. The text of an Error(string), the name of a Panic(uint256), and of every other
 * error the selector with the arguments, which only its contract's ABI tells apart.
 */
export function describeRevertData(data: string): string | undefined {
  const hex = data.slice(2).toLowerCase();
  if (hex.length < 8) return hex === '' ? undefined : `data 0x${hex}`;
  const [selector, args] = [hex.slice(0, 8), hex.slice(8)];
  if (selector === errorSelector) {
    const text = readString(args);
    if (text !== undefined) return plainText(text) || undefined;
  }
  if (selector === panicSelector && args.length >= 64) {
    const code = BigInt(`0x${args.slice(0, 64)}`);
    const name = panics.get(code);
    if (name !== undefined) return `panic 0x${code.toString(16).padStart(2, '0')} (${name})`;
  }
  const shown = args.length <= longestArguments ? args : `${args.slice(0, longestArguments)}…`;
  return `custom error 0x${selector}${shown === '' ? '' : ` with 0x${shown}`}`;
}

/** The only argument, a string; undefined when the encoding is broken. Offsets and lengths count bytes. */
function readString(args: string): string | undefined {
  const offset = readWord(args, 0);
  if (offset === undefined) return undefined;
  const length = readWord(args, offset);
  if (length === undefined || args.length < 2 * (offset + 32 + length)) return undefined;
  return Buffer.from(args.slice(2 * (offset + 32), 2 * (offset + 32 + length)), 'hex').toString();
}

function readWord(args: string, at: number): number | undefined {
  const word = args.slice(2 * at, 2 * at + 64);
  if (word.length < 64) return undefined;
  const value = BigInt(`0x${word}`);
  return value <= BigInt(args.length) ? Number(value) : undefined;
}
