/**
 * Ed25519 signatures (RFC 8032, pure) with libsodium, which takes half the time of OpenSSL, and with node:crypto where
 * sodium-native has no binary for the platform: a client runs on more of them than a node. Nothing but speed depends
 * on it: signatures are the same bytes, and both refuse the same ones. That is what RFC 8032 verifies without the
 * cofactor, less keys and R of small order: whoever made such a key can show one signature for many messages.
 */
import { type KeyObject } from 'node:crypto';
import { nodeEd25519 } from './node-ed25519';
import { loadSodiumEd25519 } from './sodium-ed25519';

export interface Ed25519 {
  /** 64 bytes, deterministic. @throws TypeError for another kind of key */
  sign(message: Uint8Array, privateKey: KeyObject): Buffer;
  /** False for another kind of key, too; never throws. */
  verify(message: Uint8Array, publicKey: KeyObject, signature: Uint8Array): boolean;
}

/** Bytes. Above it the faster SHA-512 of OpenSSL outweighs the faster curve of libsodium. */
export const LARGE_MESSAGE = 16 * 1024;

const sodium = loadSodiumEd25519();

function backendFor(message: Uint8Array): Ed25519 {
  return sodium === undefined || message.length > LARGE_MESSAGE ? nodeEd25519 : sodium;
}

export const ed25519: Ed25519 = {
  sign: (message, privateKey) => backendFor(message).sign(message, privateKey),
  verify: (message, publicKey, signature) => backendFor(message).verify(message, publicKey, signature),
};
