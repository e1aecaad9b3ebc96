import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fatal, Secret } from '@quorate/platform';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals key shares at rest: AES-256-GCM, `version u8 || iv 12 || ciphertext || tag 16`. The context (node, key,
 * epoch) is additional data, so a sealed share cannot be moved to another node, key or epoch.
 */
export class ShareSeal {
  private constructor(private readonly key: Secret<Buffer>) {}

  /** Reads the seal key: 32 bytes as 64 hex digits. Throws Fatal with the file's name when it is anything else. */
  static fromFile(file: string): ShareSeal {
    let text: string;
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new Fatal('seal-key', `SEAL_KEY_FILE ${file} cannot be read: ${(error as Error).message}`);
    }
    if (!/^[0-9a-f]{64}$/i.test(text)) {
      throw new Fatal('seal-key', `SEAL_KEY_FILE ${file} must hold 64 hex digits (32 bytes)`);
    }
    return new ShareSeal(new Secret(Buffer.from(text, 'hex')));
  }

  seal(plaintext: Uint8Array, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key.reveal(), iv);
    cipher.setAAD(Buffer.from(context, 'utf8'));
    return Buffer.concat([
      Buffer.of(VERSION),
      iv,
      cipher.update(plaintext),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  /** Throws Fatal when the bytes were altered, belong to another context, or were sealed with another key. */
  open(sealed: Uint8Array, context: string): Buffer {
    if (sealed.length < 1 + IV_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
      throw new Fatal('sealed-share', `the sealed share of ${context} has an unknown format`);
    }
    const decipher = createDecipheriv('aes-256-gcm', this.key.reveal(), sealed.subarray(1, 1 + IV_BYTES));
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new Fatal(
        'sealed-share',
        `the sealed share of ${context} does not open: it was altered, moved, or sealed with another SEAL_KEY_FILE`,
      );
    }
  }
}
