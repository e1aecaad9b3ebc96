import { createCipheriv } from 'node:crypto';
import { H } from '../hash';
import { type PairState } from '../keygen/key-share';
import { type ExtensionContext } from '../multiplication/ot-extension';
import { gmacHash } from './gmac-hash';

/** Bytes of a row for that many transfers. */
export function rowBytesOf(ots: number): number {
  return 16 * (Math.ceil(ots / 128) + 1);
}

/** The streams T0_m (or T1_m) of a list of seeds. */
export function expandedRows(list: Buffer, context: ExtensionContext, rowBytes: number): Buffer[] {
  const iv = H('ote/iv', context.pairctx, context.receiverNonce).subarray(0, 16);
  return Array.from({ length: 128 }, (_, m) =>
    createCipheriv('aes-256-ctr', list.subarray(32 * m, 32 * (m + 1)), iv).update(Buffer.alloc(rowBytes)),
  );
}

/**
 * The message of a cheating receiver of the OT extension: all choice bits 0, but 1 in bit 0 of these rows, with the check
 * values of an honest receiver whose choice bits are all 0 (specification section 5.8).
 */
export function inconsistentMessage(
  seeds: PairState['asReceiver'],
  context: ExtensionContext,
  ots: number,
  rows: readonly number[],
): Buffer {
  const rowBytes = rowBytesOf(ots);
  const t0 = expandedRows(seeds.seeds0, context, rowBytes);
  const t1 = expandedRows(seeds.seeds1, context, rowBytes);
  const u = Buffer.concat(t1.map((row, m) => exclusiveOr(row, t0[m] ?? Buffer.alloc(rowBytes))));
  for (const row of rows) u[row * rowBytes] = (u[row * rowBytes] ?? 0) ^ 1;
  const lin = gmacHash(context, u);
  return Buffer.concat([u, lin(Buffer.alloc(rowBytes)), ...t0.map(lin)]);
}

/** a xor b, byte by byte, as long as a. */
export function exclusiveOr(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, k) => byte ^ (b[k] ?? 0)));
}
