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

/** The public half as JWK, as other services pin it. */
export function identityJwk(key: KeyObject): Ed25519Jwk {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return ed25519Jwk.parse(publicKey.export({ format: 'jwk' }));
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fatal('identity-key', `The identity key file ${file} cannot be read`, { cause });
  }
}
