import { z } from 'zod';

const MAX_LEVELS = 10;
const FIRST_HARDENED_INDEX = 2 ** 31;

/**
 * A BIP-32 path below the root key, unhardened, `m` or `m/44/60/0/0/7`: at most 10 levels, each below 2^31.
 * Hardened steps need the private key in one place, which never exists here (threshold-ecdsa.md 12).
 */
export const derivationPathSchema = z
  .string({
    error: 'must be a derivation path as a string, such as "m/44/60/0/0/7"; leave it out for the root key',
  })
  .max(2 + MAX_LEVELS * 11, { error: `must have at most ${MAX_LEVELS} levels`, abort: true })
  .refine((path) => !/['hH]/.test(path), {
    error:
      "must not have hardened steps (' or h): a shared key can only be derived unhardened, such as m/44/60/0/0/7",
    abort: true,
  })
  .regex(/^m(?:\/(?:0|[1-9][0-9]*))*$/, {
    error:
      'must be m, then up to 10 steps of / and a decimal index without leading zeros, such as "m/44/60/0/0/7"',
    abort: true,
  })
  .refine((path) => parseDerivationPath(path).length <= MAX_LEVELS, {
    error: `must have at most ${MAX_LEVELS} levels`,
  })
  .refine((path) => parseDerivationPath(path).every((index) => index < FIRST_HARDENED_INDEX), {
    error:
      'must have every index below 2147483648 (2^31): higher ones mean hardened steps, which a shared key cannot do',
  });

/** The indices of a path that passed the schema; empty for `m` and for no path at all: the root key. */
export function parseDerivationPath(path: string | undefined): number[] {
  if (path === undefined) return [];
  return path.split('/').slice(1).map(Number);
}
