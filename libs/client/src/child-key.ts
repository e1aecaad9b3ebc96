import { Invalid } from '@quorate/platform';
import { derivationPathSchema, parseDerivationPath } from '@quorate/protocol';
import { deriveChild, parsePoint } from '@quorate/threshold';

/** The public part of a threshold key: what stack.json, `quorate keys show` and ListKeys say of it. */
export interface RootKey {
  /** Compressed, 0x-hex; of an Ed25519 key its 32 bytes. */
  readonly publicKey: string;
  /** 32 bytes, 0x-hex. */
  readonly chainCode: string;
}

/** A level costs tens of microseconds: remembered by root key and path. */
const children = new Map<string, string>();
const REMEMBERED_CHILDREN = 4096;

/**
 * The compressed public key (0x-hex) below `root` at an unhardened `path`, as BIP-32 derives it (CKDpub); absent or
 * `m` is the root key itself.
 * @throws Invalid `key` or `path` when one of them is malformed.
 */
export function deriveChildKey({ publicKey, chainCode }: RootKey, path?: string | null): string {
  const name = `${publicKey}:${chainCode}:${path ?? 'm'}`;
  const known = children.get(name);
  if (known !== undefined) return known;
  const child = derive({ publicKey, chainCode }, path ?? undefined);
  if (children.size >= REMEMBERED_CHILDREN) children.clear();
  children.set(name, child);
  return child;
}

function derive({ publicKey, chainCode }: RootKey, path: string | undefined): string {
  if (!/^0x0[23][0-9a-f]{64}$/.test(publicKey) || !/^0x[0-9a-f]{64}$/.test(chainCode)) {
    throw new Invalid('key', 'the key must have a compressed publicKey and a 32-byte chainCode, both 0x-hex');
  }
  const parsed = derivationPathSchema.optional().safeParse(path);
  if (!parsed.success)
    throw new Invalid('path', `the path ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  const root = parsePoint(Buffer.from(publicKey.slice(2), 'hex'));
  if (root === undefined) throw new Invalid('key', 'the publicKey of the key is not a point of secp256k1');
  try {
    const child = deriveChild(root, Buffer.from(chainCode.slice(2), 'hex'), parseDerivationPath(parsed.data));
    return `0x${child.publicKey.toString('hex')}`;
  } catch (cause) {
    throw new Invalid('key', 'this path of this key derives no valid public key', { cause });
  }
}
