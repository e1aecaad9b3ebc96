/** Which account an intent spends from. */
import { addressOf } from '@quorate/evm';
import { fromHex, parseDerivationPath } from '@quorate/protocol';
import { deriveChild, parsePoint } from '@quorate/threshold';

import { type KeyRegister } from '../ports/key-register.port';
import { type Authorize } from './commands';

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
  const publicKey = parsePoint(fromHex(key.publicKey));
  if (publicKey === undefined)
    return { found: false, code: 'invalid', reason: `the public key of ${keyId} is no point` };
  const child = deriveChild(publicKey, fromHex(key.chainCode), parseDerivationPath(path));
  return { found: true, from: addressOf(child.publicKey) };
}
