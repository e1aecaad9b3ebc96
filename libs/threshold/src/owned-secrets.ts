/** Secrets that one session owns until they are handed over or wiped. */
export class OwnedSecrets {
  private readonly buffers = new Set<Buffer>();

  /** Takes ownership; returns the same buffer. */
  own(buffer: Buffer): Buffer {
    this.buffers.add(buffer);
    return buffer;
  }

  /** Gives ownership away; returns the same buffer. */
  release(buffer: Buffer): Buffer {
    this.buffers.delete(buffer);
    return buffer;
  }

  /** Overwrites everything owned with zeros. */
  wipe(): void {
    for (const buffer of this.buffers) buffer.fill(0);
    this.buffers.clear();
  }
}
