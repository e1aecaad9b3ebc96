/** Bytes as text, strictly: what is read has one spelling. Works in browsers, too. */
import { Malformed } from './malformed';

/** Standard base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** @throws Malformed when it is not the canonical spelling of any bytes. */
export function fromBase64(text: string, what: string): Uint8Array {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    if (toBase64(bytes) === text) return bytes;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  throw new Malformed(`${what} is not base64 in its canonical form (RFC 4648, section 4)`);
}

/**
 * A number of leaves, or the place of one.
 *
 * @throws Malformed when it is not decimal without leading zeros, or above 2^53 - 1.
 */
export function parseCount(text: string, what: string): number {
  const count = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(count))
    throw new Malformed(
      `${what} "${text.slice(0, 30)}" is not a decimal number below 2^53 without leading zeros`,
    );
  return count;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
