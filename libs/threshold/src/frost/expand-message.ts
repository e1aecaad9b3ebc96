/** expand_message_xmd with SHA-256 (RFC 9380, section 5.3.1). */
import { hash } from 'node:crypto';

const DIGEST_BYTES = 32;
const BLOCK_BYTES = 64;

/**
 * @param tag domain separation tag, at most 255 bytes
 * @param length of the result in bytes, at most 255 * 32
 */
export function expandMessage(message: Uint8Array, tag: string, length: number): Buffer {
  const suffix = Buffer.concat([Buffer.from(tag, 'ascii'), Buffer.of(tag.length)]);
  const lengthBytes = Buffer.of(length >>> 8, length & 0xff, 0);
  const seed = sha256(Buffer.alloc(BLOCK_BYTES), message, lengthBytes, suffix);
  const expanded = Buffer.alloc(Math.ceil(length / DIGEST_BYTES) * DIGEST_BYTES);
  let block: Buffer = Buffer.alloc(DIGEST_BYTES);
  for (let at = 0, counter = 1; at < length; at += DIGEST_BYTES, counter++) {
    const mixed = seed.map((byte, k) => byte ^ (block[k] ?? 0));
    block = sha256(mixed, Buffer.of(counter), suffix);
    expanded.set(block, at);
    mixed.fill(0);
  }
  seed.fill(0);
  block.fill(0);
  return expanded.subarray(0, length);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const input = Buffer.concat(parts); // may be secret
  const digest = hash('sha256', input, 'buffer');
  input.fill(0);
  return digest;
}
