/** Which account an intent spends from. */
import { addressOf } from '@quorate/evm';
import { fromHex, parseDerivationPath } from '@quorate/protocol';
import { deriveChild, parsePoint } from '@quorate/threshold';

import { type KeyRegister, type KnownKey } from '../ports/key-register.port';
import { type Authorize } from './commands';

/** Addresses by key and path: a level of derivation costs tens of microseconds. */
const addresses = new Map<string, string>();
const REMEMBERED_ADDRESSES = 4_096;

/** What to authorize: the address of the child of `keyId` at `path`, or why there is none. */
export function findSender(keys: KeyRegister, keyId: string, path: string | undefined): Authorize['key'] {
  const key = keys.find(keyId);
  if (key === undefined) {
    return {
      found: false,
      code: 'unknown-key',
      reason: `no key ${keyId} is known: check keyId, or wait until it is created`,
    };
  }
  if (key.scheme !== 'ecdsa-secp256k1') {
    return {
      found: false,
      code: 'invalid',
      reason: `key ${keyId} is of scheme ${key.scheme}, which no EVM account has`,
    };
  }
  const from = addressAt(key, path);
  if (from === undefined)
    return { found: false, code: 'invalid', reason: `the public key of ${keyId} is no point` };
  return { found: true, from };
}

function addressAt({ publicKey, chainCode }: KnownKey, path: string | undefined): string | undefined {
  const name = `${publicKey}/${chainCode}/${path}`;
  const known = addresses.get(name);
  if (known !== undefined) return known;
  const root = parsePoint(fromHex(publicKey));
  if (root === undefined) return undefined;
  const address = addressOf(deriveChild(root, fromHex(chainCode), parseDerivationPath(path)).publicKey);
  if (addresses.size >= REMEMBERED_ADDRESSES) addresses.clear();
  addresses.set(name, address);
  return address;
}
