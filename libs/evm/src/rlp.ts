/** RLP, as transactions need it written, and counted: byte strings, integers and lists (yellow paper, appendix B). */

/** A byte string. */
export function rlpBytes(bytes: Buffer): Buffer {
  return bytes.length === 1 && bytes.readUInt8() < 0x80
    ? bytes
    : Buffer.concat([header(0x80, bytes.length), bytes]);
}

/** An integer that is not negative: its big-endian bytes without leading zeros, none for 0. */
export function rlpInteger(value: bigint): Buffer {
  return rlpBytes(bytesOf(value));
}

/** A list of items that are encoded already. */
export function rlpList(items: readonly Buffer[]): Buffer {
  const length = items.reduce((sum, item) => sum + item.length, 0);
  return Buffer.concat([header(0xc0, length), ...items]);
}

/**
 * How many byte strings and lists are inside one another and beside each other, in one pass: what a parser that is slower
 * than that would have to do. Counting ends where the bytes do, and behind `most`.
 */
export function countRlpItems(bytes: Buffer, most: number): number {
  let count = 0;
  for (let offset = 0; offset < bytes.length && count <= most; count += 1) {
    const first = bytes.readUInt8(offset);
    const isList = first >= 0xc0;
    const length = first < 0x80 ? 0 : first - (isList ? 0xc0 : 0x80);
    const lengthBytes = Math.max(0, length - 55);
    const stringBytes =
      lengthBytes === 0 ? length : lengthOf(bytes.subarray(offset + 1, offset + 1 + lengthBytes));
    offset += 1 + lengthBytes + (isList ? 0 : stringBytes);
  }
  return count;
}

function lengthOf(bytes: Buffer): number {
  return bytes.reduce((length, byte) => length * 256 + byte, 0);
}

/** Up to 55 the length itself stands in the first byte, from there on how many bytes of length follow. */
function header(offset: number, length: number): Buffer {
  if (length <= 55) return Buffer.of(offset + length);
  const bytes = bytesOf(BigInt(length));
  return Buffer.concat([Buffer.of(offset + 55 + bytes.length), bytes]);
}

function bytesOf(value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0);
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}
