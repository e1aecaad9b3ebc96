import { type ArgumentValue } from '@quorate/evm';
import { type ArgumentLimit } from '../file/argument-limit';

/** Why a decoded value breaks its limit; undefined when it does not. */
export function brokenLimit(limit: ArgumentLimit, value: ArgumentValue): string | undefined {
  if (typeof value === 'bigint') {
    if (limit.max !== undefined && value > BigInt(limit.max)) return `${value} is above ${limit.max}`;
    if (limit.min !== undefined && value < BigInt(limit.min)) return `${value} is below ${limit.min}`;
  } else if ((limit.min ?? limit.max) !== undefined) {
    return 'it is no integer';
  }
  if (limit.oneOf === undefined || limit.oneOf.some((listed) => isSame(listed, value))) return undefined;
  return `${shown(value)} is not listed`;
}

function isSame(listed: string, value: ArgumentValue): boolean {
  if (typeof value === 'bigint') return /^-?\d+$/.test(listed) && BigInt(listed) === value;
  if (typeof value === 'boolean') return listed === String(value);
  if (typeof value !== 'string') return false;
  // Hex has two spellings; any other text has one.
  return value === listed || (/^0x[0-9a-f]*$/.test(value) && value === listed.toLowerCase());
}

function shown(value: ArgumentValue): string {
  return typeof value === 'object' ? 'the list' : String(value).slice(0, 100);
}
