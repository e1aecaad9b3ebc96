import { createCipheriv } from 'node:crypto';
import { H } from '../hash';
import { type ExtensionContext } from '../multiplication/ot-extension';

/**
 * lin of a row as the specification defines it (5.2), with the GMAC of OpenSSL:
 * lin(y) = GMAC_ck(y_1..y_M) xor GMAC_ck(0^L) xor y_{M+1}.
 */
export function gmacHash(context: ExtensionContext, u: Buffer): (row: Buffer) => Buffer {
  const key = H('ote/chi', context.pairctx, context.receiverNonce, u).subarray(0, 16);
  return (row) => {
    const data = row.subarray(0, -16);
    const [tag, offset] = [gmac(key, data), gmac(key, Buffer.alloc(data.length))];
    return Buffer.from(tag.map((byte, k) => byte ^ (offset[k] ?? 0) ^ (row[data.length + k] ?? 0)));
  };
}

function gmac(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.alloc(12)).setAAD(data);
  cipher.final();
  return cipher.getAuthTag();
}
