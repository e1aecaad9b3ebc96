/** EIP-191 personal messages. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { Invalid } from '@quorate/platform';

/** Bytes. */
export const maxMessageBytes = 65_536;

/**
 * The digest of a personal message (version 0x45): keccak256("\x19Ethereum Signed Message:\n" || length || bytes).
 *
 * @param message the bytes, or 0x-hex.
 * @throws Invalid when it is not hex or longer than 64 KiB.
 */
export function eip191Digest(message: string | Uint8Array): string {
  const bytes = typeof message === 'string' ? bytesOf(message) : message;
  if (bytes.length > maxMessageBytes) {
    throw new Invalid(
      'invalid',
      `The message is longer than ${maxMessageBytes} bytes: sign its hash instead.`,
    );
  }
  const prefix = Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`, 'latin1');
  return `0x${Buffer.from(keccak_256(Buffer.concat([prefix, bytes]))).toString('hex')}`;
}

function bytesOf(hex: string): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex)) {
    throw new Invalid('invalid', 'The message must be 0x followed by an even number of hex digits.');
  }
  return Buffer.from(hex.slice(2), 'hex');
}
