import { createHmac } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Invalid } from '@quorate/platform';
import { derivationPathSchema, parseDerivationPath } from '@quorate/protocol';

/** The public part of a threshold key: what stack.json, `quorate keys show` and ListKeys say of it. */
export interface RootKey {
  /** Compressed, 0x-hex. */
  readonly publicKey: string;
  /** 32 bytes, 0x-hex. */
  readonly chainCode: string;
}

const { Point } = secp256k1;

/**
 * The compressed public key (0x-hex) below `root` at an unhardened `path`, as BIP-32 derives it (CKDpub); absent or
 * `m` is the root key itself.
 * @throws Invalid `key` or `path` when one of them is malformed.
 */
export function deriveChildKey(root: RootKey, path?: string | null): string {
  if (!/^0x0[23][0-9a-f]{64}$/.test(root.publicKey) || !/^0x[0-9a-f]{64}$/.test(root.chainCode)) {
    throw new Invalid('key', 'the key must have a compressed publicKey and a 32-byte chainCode, both 0x-hex');
  }
  const parsed = derivationPathSchema.optional().safeParse(path ?? undefined);
  if (!parsed.success)
    throw new Invalid('path', `the path ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  try {
    let point = Point.fromHex(root.publicKey.slice(2));
    let chainCode: Buffer = Buffer.from(root.chainCode.slice(2), 'hex');
    for (const index of parseDerivationPath(parsed.data)) {
      const step = Buffer.alloc(4);
      step.writeUInt32BE(index);
      const derived = createHmac('sha512', chainCode).update(point.toBytes(true)).update(step).digest();
      // multiply() refuses 0 and tweaks of the group order or above, which BIP-32 skips (1 in 2^127).
      point = point.add(Point.BASE.multiply(BigInt(`0x${derived.toString('hex', 0, 32)}`)));
      chainCode = derived.subarray(32);
    }
    point.assertValidity();
    return `0x${point.toHex(true)}`;
  } catch (cause) {
    throw new Invalid('key', 'this path of this key derives no valid public key', { cause });
  }
}
