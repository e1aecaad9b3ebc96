/** Search for secrets of 32 bytes in errors and on the wire, in any spelling that a log or a format could have. */

const SECRET_BYTES = 32;
/** The middle of a secret: reduction and masking change its ends only. A multiple of 3, for Base64. */
const [FROM, TO] = [9, 24];

export class SecretSearch {
  /** Middles of secrets, in latin1. */
  private readonly middles = new Set<string>();
  /** The same of the other byte order. */
  private readonly reversed = new Set<string>();
  private readonly published = new Set<string>();
  /** Texts that were searched. */
  private readonly clean = new Set<string>();

  /** How many of the values are public. */
  get released(): number {
    return this.published.size;
  }

  /** Each 32 bytes of the buffer are a secret; shorter values are none. */
  add(bytes: Buffer): void {
    for (let at = 0; at + SECRET_BYTES <= bytes.length; at += SECRET_BYTES) {
      const middle = Buffer.from(bytes.subarray(at + FROM, at + TO)).toString('latin1');
      if (this.published.has(middle) || this.middles.has(middle)) continue;
      this.middles.add(middle);
      this.reversed.add([...middle].reverse().join(''));
    }
  }

  /** Values that are in these frames are no secrets. */
  release(frames: readonly Buffer[]): void {
    for (const frame of frames) {
      for (const middle of windows(frame)) if (this.middles.delete(middle)) this.published.add(middle);
    }
  }

  inBytes(bytes: Buffer): boolean {
    for (const window of windows(bytes))
      if (this.middles.has(window) || this.reversed.has(window)) return true;
    return false;
  }

  inText(text: string): boolean {
    if (this.clean.has(text)) return false;
    const squeezed = text.replaceAll(/[\s,]+/g, '');
    const lower = squeezed.toLowerCase();
    for (const middle of this.middles) {
      const bytes = Buffer.from(middle, 'latin1');
      const spellings = [bytes.toString('base64'), bytes.toString('base64url'), [...bytes].join('')];
      if (lower.includes(bytes.toString('hex')) || spellings.some((it) => squeezed.includes(it))) return true;
    }
    this.clean.add(text);
    return false;
  }
}

function* windows(bytes: Buffer): Generator<string> {
  const text = bytes.toString('latin1');
  for (let at = 0; at + TO - FROM <= text.length; at++) yield text.slice(at, at + TO - FROM);
}
