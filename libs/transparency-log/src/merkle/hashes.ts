/** Hashes of the Merkle tree (RFC 6962, section 2.1; RFC 9162, section 2.1.1): SHA-256, leaves and nodes kept apart. */
import { sha256 } from './sha256';

/** 32 bytes. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The hash of the tree without leaves. */
export const emptyRoot: Hash = sha256();

/** SHA-256(0x00 || leaf). */
export function leafHash(leaf: Uint8Array): Hash {
  return sha256(leafPrefix, leaf);
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  return sha256(nodePrefix, left, right);
}

/** Hashes are public: no need for constant time. */
export function equalHashes(a: Hash, b: Hash): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
