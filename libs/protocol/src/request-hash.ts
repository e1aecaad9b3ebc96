import { createHash } from 'node:crypto';

/** The hash that binds an outcome to the bytes of its request or intent: 0x + SHA-256 of the value. */
export function requestHash(value: Uint8Array): string {
  return `0x${createHash('sha256').update(value).digest('hex')}`;
}
