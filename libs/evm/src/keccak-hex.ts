import { keccak_256 } from '@noble/hashes/sha3.js';

/** keccak256 of bytes, as 0x-hex. */
export function keccakHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(keccak_256(bytes)).toString('hex')}`;
}
