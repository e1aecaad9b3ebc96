/** libsodium, asserted when this file is imported: a missing addon must not end in slow or variable-time arithmetic. */
import { createRequire } from 'node:module';
import type * as Sodium from 'sodium-native';

const REMEDY =
  'the native addon of the npm package "sodium-native" does not work here, and Ed25519 keys need its constant-time ' +
  'arithmetic, so this process stops. Remedy: run `npm rebuild sodium-native` where the process runs (needs a C++ ' +
  'compiler), or use Linux, macOS or Windows on x64 or arm64, for which the package has binaries.';

/** The base point (RFC 8032, section 5.1): 1*B. */
const BASE_POINT = '5866666666666666666666666666666666666666666666666666666666666666';

/**
 * libsodium, after it computed 1*B.
 *
 * @throws Error with a remedy
 */
function loadSodium(): typeof Sodium {
  const one = Buffer.alloc(32);
  one[0] = 1;
  const answer = Buffer.alloc(32);
  try {
    const sodium = createRequire(__filename)('sodium-native') as typeof Sodium;
    sodium.crypto_scalarmult_ed25519_base_noclamp(answer, one);
    if (answer.toString('hex') === BASE_POINT) return sodium;
  } catch (error) {
    throw new Error(REMEDY, { cause: error });
  }
  throw new Error(REMEDY);
}

export const sodium = loadSodium();
