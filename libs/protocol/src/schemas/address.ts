import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';

const EXPECTATION =
  'must be an address: 0x, then 40 lowercase hex digits, or mixed case with a correct EIP-55 checksum';

/**
 * An account address: lowercase, or mixed case with its EIP-55 checksum (what wallets and ethers show).
 * The parsed value is lowercase, so that comparisons never depend on the spelling.
 */
export const addressSchema = z
  .string({ error: EXPECTATION })
  .regex(/^0x[0-9a-fA-F]{40}$/, { error: EXPECTATION, abort: true })
  .refine((text) => text === text.toLowerCase() || text === checksumAddress(text), {
    error: `${EXPECTATION}: the checksum is wrong, so a digit may be mistyped`,
    abort: true,
  })
  .overwrite((text) => text.toLowerCase());

/** The EIP-55 mixed-case spelling of an address. */
export function checksumAddress(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = bytesToHex(keccak_256(new TextEncoder().encode(digits)));
  const spelled = [...digits].map((digit, i) =>
    Number.parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${spelled.join('')}`;
}
