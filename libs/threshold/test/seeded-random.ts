import { createCipheriv, createHash } from 'node:crypto';
import { type RandomSource } from '../src/random';

/** A reproducible generator for tests and vectors: the AES-256-CTR keystream under SHA-256 of the seed. */
export function seededRandom(seed: string): RandomSource {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (bytes) => cipher.update(Buffer.alloc(bytes));
}
