/** EIP-191 personal messages. */
import { Invalid } from '@quorate/platform';
import { hashMessage } from 'ethers';

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
  return hashMessage(bytes);
}

function bytesOf(hex: string): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex)) {
    throw new Invalid('invalid', 'The message must be 0x followed by an even number of hex digits.');
  }
  return Buffer.from(hex.slice(2), 'hex');
}
