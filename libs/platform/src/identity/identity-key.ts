import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fatal } from '../errors/errors';
import { ed25519Jwk, type Ed25519Jwk } from './public-key';

/**
 * The private identity key of this process.
 * @param file PKCS#8 PEM, Ed25519
 * @throws Fatal `identity-key` naming the file, without its content.
 */
export function loadIdentityKey(file: string): KeyObject {
  const pem = readFile(file);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause is left out: it may quote the file.
    throw new Fatal('identity-key', `The identity key file ${file} does not hold a PKCS#8 PEM private key`);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Fatal('identity-key', `The identity key file ${file} does not hold an Ed25519 key`);
  }
  return key;
}

/** The public half as JWK (RFC 8037), as other services pin it. */
export function identityJwk(key: KeyObject): Ed25519Jwk {
  return ed25519Jwk.parse({ kty: 'OKP', crv: 'Ed25519', x: publicKeyBytes(key).toString('base64url') });
}

/**
 * The 32 bytes of the public half of an Ed25519 key: the end of its SPKI (RFC 8410, section 4). Not by Node's own JWK, which
 * stands still for ever when memory is collected while it is made: Node 20 holds the key's lock then, for which the remains
 * of `generateKeyPairSync` wait.
 * @throws Fatal `identity-key` for a key of another kind
 */
export function publicKeyBytes(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Fatal('identity-key', 'An identity key is an Ed25519 key');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fatal('identity-key', `The identity key file ${file} cannot be read`, { cause });
  }
}
