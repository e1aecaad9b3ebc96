import { InvalidInput } from './errors';

/** Takes fixed-length fields off a buffer. */
export class ByteReader {
  private readonly bytes: Buffer;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * A view of the next bytes, not a copy.
   *
   * @throws InvalidInput past the end
   */
  take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new InvalidInput('truncated');
    const field = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return field;
  }

  u8(): number {
    return this.take(1).readUInt8(0);
  }

  u16(): number {
    return this.take(2).readUInt16BE(0);
  }

  u32(): number {
    return this.take(4).readUInt32BE(0);
  }

  /** @throws InvalidInput unless everything was taken */
  end(): void {
    if (this.offset !== this.bytes.length) throw new InvalidInput('trailing bytes');
  }
}
