import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { type Ed25519Jwk, identityJwk, type PeerRole } from '@quorate/platform';
import { type FileAccess, keptFile } from '../files/whole-file';

/** A party: its private key's file (Ed25519, PKCS#8 PEM, mode 0600) and its public key. */
export interface Identity {
  kid: string;
  privateKeyFile: string;
  privateKey: KeyObject;
  publicKey: Ed25519Jwk;
}

/** A party as others know it. */
export interface PublicIdentity {
  kid: string;
  publicKey: Ed25519Jwk;
}

/** The identity of the file, which is made when it is missing. */
export function keptIdentity(kid: string, privateKeyFile: string, access: FileAccess = {}): Identity {
  const create = () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  };
  const privateKey = createPrivateKey(keptFile(privateKeyFile, create, { ...access, secret: true }));
  return { kid, privateKeyFile, privateKey, publicKey: identityJwk(privateKey) };
}

/** The key that seals a node's shares at rest (SEAL_KEY_FILE: 64 hex digits). */
export function keptSealKey(file: string, access: FileAccess = {}): void {
  keptFile(file, () => randomBytes(32).toString('hex'), { ...access, secret: true });
}

/** An entry of PEERS_FILE. */
export function peerEntry({ kid, publicKey }: PublicIdentity, role: PeerRole) {
  return { kid, role, publicKey };
}

/** An entry of REQUESTERS_FILE. */
export function requesterEntry({ kid, publicKey }: PublicIdentity, role: 'client' | 'submitter') {
  return { kid, role, publicKey };
}

/** An operator in REQUESTERS_FILE and in policies. */
export function operatorEntry({ kid, publicKey }: PublicIdentity) {
  return { kid, publicKey };
}
