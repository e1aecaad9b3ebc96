import { z } from 'zod';
import { rfc3339Milliseconds } from './time';

const UINT64_MAX = (1n << 64n) - 1n;
const UINT256_MAX = (1n << 256n) - 1n;
/** The largest chain id for which every `v` of EIP-155 is safe to compute with (EIP-2294). */
export const MAX_CHAIN_ID = (1n << 63n) - 37n;

const DECIMAL = /^(0|[1-9][0-9]{0,77})$/;

function decimal(what: string, min: bigint, max: bigint) {
  const expectation = `must be a decimal string (${what}) from ${min} to ${max}, such as "${min + 1n}"`;
  return z
    .string({ error: expectation })
    .regex(DECIMAL, { error: expectation, abort: true })
    .refine((text) => BigInt(text) >= min && BigInt(text) <= max, { error: expectation });
}

/** An amount in wei: a decimal string below 2^256. */
export const weiSchema = decimal('wei, below 2^256', 0n, UINT256_MAX);
/** A gas amount or account nonce: a decimal string below 2^64. */
export const uint64Schema = decimal('below 2^64', 0n, UINT64_MAX);
/** An EIP-155 chain id as a decimal string, 1 to 2^63 - 37 (EIP-2294). */
export const chainIdSchema = decimal(
  'EIP-155 chain id, at most 2^63 - 37 as EIP-2294 says',
  1n,
  MAX_CHAIN_ID,
);

/** Bytes as lowercase 0x-hex, at most `maxBytes` of them. */
export function hexBytes(maxBytes: number) {
  const expectation = `must be bytes as lowercase hex: 0x, then an even number of digits 0-9 a-f, at most ${maxBytes} bytes`;
  return z
    .string({ error: expectation })
    .max(2 + 2 * maxBytes, { error: expectation, abort: true })
    .regex(/^0x(?:[0-9a-f]{2})*$/, { error: expectation });
}

/** Exactly `bytes` bytes as lowercase 0x-hex. */
export function hexOf(bytes: number) {
  const expectation = `must be exactly ${bytes} bytes as lowercase hex: 0x, then ${2 * bytes} digits 0-9 a-f`;
  return z
    .string({ error: expectation })
    .regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), { error: expectation });
}

export const hash32Schema = hexOf(32);
/** A compressed secp256k1 point. */
export const compressedPointSchema = z
  .string({ error: 'must be a compressed public key: 0x02 or 0x03, then 64 hex digits' })
  .regex(/^0x0[23][0-9a-f]{64}$/, {
    error: 'must be a compressed public key: 0x02 or 0x03, then 64 hex digits',
  });

/** Bytes as base64url without padding, at most `maxBytes` of them. */
export function base64urlBytes(maxBytes: number) {
  const expectation = `must be base64url without padding, at most ${maxBytes} bytes`;
  return z
    .string({ error: expectation })
    .max(Math.ceil((maxBytes * 4) / 3), { error: expectation, abort: true })
    .regex(/^[A-Za-z0-9_-]*$/, { error: expectation, abort: true })
    .refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text, { error: expectation });
}

const TIME_EXPECTATION = 'must be an RFC 3339 time in UTC, such as "2026-12-01T12:00:00Z"';

/** An RFC 3339 time in UTC (with a Z). */
export const timeSchema = z
  .string({ error: TIME_EXPECTATION })
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/, { error: TIME_EXPECTATION, abort: true })
  .refine((text) => rfc3339Milliseconds(text) !== undefined, {
    error: `${TIME_EXPECTATION}: this date or time of day does not exist`,
  })
  .meta({ format: 'date-time' });

/** A counter that fits a JSON number. */
export const countSchema = z
  .int({ error: 'must be an integer from 0 to 2^31 - 1' })
  .min(0, { error: 'must be an integer from 0 to 2^31 - 1' })
  .max(2 ** 31 - 1, { error: 'must be an integer from 0 to 2^31 - 1' });

/** Text for people: reasons and descriptions. */
export const textSchema = z.string().max(4096, { error: 'must be at most 4096 characters' });
