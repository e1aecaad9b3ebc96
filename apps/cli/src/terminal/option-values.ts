import { rfc3339Milliseconds } from '@quorate/protocol';
import { InvalidArgumentError } from 'commander';

/** A whole number in a range. */
export function wholeNumber(least: number, most = 999_999_999): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return Number(text);
  };
}

/** A time as records have it. */
export function utcTime(text: string): string {
  if (rfc3339Milliseconds(text) === undefined) {
    throw new InvalidArgumentError('Give an RFC 3339 time in UTC, such as 2026-12-01T12:00:00Z.');
  }
  return text;
}

/** A comma-separated list. */
export function listOf(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes(''))
    throw new InvalidArgumentError('Give names with commas between them, without gaps.');
  return parts;
}

/** Bytes as hex, with or without 0x, in either case; the result is lowercase 0x-hex. */
export function hexBytes(text: string): string {
  const digits = text.replace(/^0x/i, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) {
    throw new InvalidArgumentError('Give bytes as hex, such as 0x02f8: an even number of digits 0-9 a-f.');
  }
  return `0x${digits.toLowerCase()}`;
}

/** An amount of a unit with up to `decimals` places after the point, as a decimal string of the smallest unit. */
export function amountIn(unit: string, decimals: number): (text: string) => string {
  return (text) => {
    const match = /^(\d{1,40})(?:\.(\d+))?$/.exec(text);
    const [, whole, fraction = ''] = match ?? [];
    if (whole === undefined || fraction.length > decimals) {
      throw new InvalidArgumentError(
        `Give an amount of ${unit}${decimals === 0 ? '' : `, with at most ${decimals} digits after the point`}.`,
      );
    }
    return BigInt(whole + fraction.padEnd(decimals, '0')).toString();
  };
}
