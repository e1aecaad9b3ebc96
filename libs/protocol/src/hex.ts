/** Bytes as records write them: `0x` and lowercase hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/** @param hex `0x` and hexadecimal, checked already */
export function fromHex(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}
