/**
 * The generator of the OT extension (specification section 5.1): AES-256-CTR under each of the 128 seeds of a base OT.
 *
 * Making a cipher costs several times what a row costs, and a pair uses the same seeds in every run. So the ciphers of the
 * seed lists that were used last are kept, as plain AES that encrypts the counter blocks, which all rows share.
 */
import { type Cipher, createCipheriv } from 'node:crypto';
import { LAMBDA_C } from '../suite';

const SEED_BYTES = 32;
const BLOCK_BYTES = 16;
/** Seed lists whose ciphers are kept: three for each pair, about 0.2 MB each. */
const KEPT_LISTS = 96;

/** By seed list, in the order of their last use. */
const kept = new Map<Buffer, readonly Cipher[]>();

/**
 * Calls `take` with the first `bytes` bytes of AES-256-CTR(seed m, iv) for every m. The row is overwritten afterwards.
 * @param seeds 128 * 32 B
 * @param iv 16 B: the first counter block, big-endian
 */
export function expandSeeds(
  seeds: Buffer,
  iv: Buffer,
  bytes: number,
  take: (m: number, row: Buffer) => void,
): void {
  const counters = counterBlocks(iv, bytes / BLOCK_BYTES);
  ciphersOf(seeds).forEach((cipher, m) => {
    const row = cipher.update(counters);
    take(m, row);
    row.fill(0);
  });
}

/** Forgets the ciphers of a seed list; OpenSSL overwrites their keys. */
export function forgetSeeds(seeds: Buffer): void {
  const ciphers = kept.get(seeds) ?? [];
  kept.delete(seeds);
  for (const cipher of ciphers) cipher.final();
}

function ciphersOf(seeds: Buffer): readonly Cipher[] {
  const known = kept.get(seeds);
  kept.delete(seeds);
  const ciphers = known ?? Array.from({ length: LAMBDA_C }, (_, m) => blockCipher(seeds, m));
  kept.set(seeds, ciphers);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_LISTS && oldest) forgetSeeds(oldest);
  return ciphers;
}

function blockCipher(seeds: Buffer, m: number): Cipher {
  const seed = seeds.subarray(m * SEED_BYTES, (m + 1) * SEED_BYTES);
  return createCipheriv('aes-256-ecb', seed, null).setAutoPadding(false);
}

function counterBlocks(iv: Buffer, count: number): Buffer {
  const blocks = Buffer.alloc(count * BLOCK_BYTES);
  const low = iv.readBigUInt64BE(8);
  for (let k = 0; k < count; k++) {
    const counter = low + BigInt(k);
    const carry = counter >> 64n;
    blocks.writeBigUInt64BE(BigInt.asUintN(64, iv.readBigUInt64BE(0) + carry), k * BLOCK_BYTES);
    blocks.writeBigUInt64BE(BigInt.asUintN(64, counter), k * BLOCK_BYTES + 8);
  }
  return blocks;
}
