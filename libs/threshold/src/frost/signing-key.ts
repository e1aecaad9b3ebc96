/** The key that a request signs with: the dealt key, x-only where the suite has that, or its BIP-341 output key. */
import { InvalidInput } from '../errors';
import { type Point, xCoordinate } from '../group/point';
import { bytesToInteger, mod } from '../group/scalar';
import { type Ciphersuite, isOdd, scalarBytes, taggedHash } from './ciphersuite';

/**
 * What is done to the dealt key. `taproot` makes the output key of BIP-341; without a Merkle root (32 B) it commits to no
 * script, which is what BIP-341 recommends and BIP-86 has for a key that is spent with alone.
 */
export type KeyTweak = { readonly kind: 'none' } | { readonly kind: 'taproot'; readonly merkleRoot?: Buffer };

/** Public. The signing share of party j is `factor` * s_j + `offset`, in every linear combination that the shares have. */
export interface SigningKey {
  /** Of even y where the suite is x-only. */
  readonly point: Point;
  /** 1 or -1, modulo the order. */
  readonly factor: bigint;
  readonly offset: bigint;
}

const ROOT_BYTES = 32;

/**
 * @throws InvalidInput for a tweak of a suite without, a Merkle root of another length, and where BIP-341 has no output
 *   key (t is not below the order or Q is the identity: probability 2^-128)
 */
export function signingKey(suite: Ciphersuite, publicKey: Point, tweak: KeyTweak): SigningKey {
  const dealt: SigningKey = { point: publicKey, factor: 1n, offset: 0n };
  if (tweak.kind === 'none') return suite.xOnly ? withEvenY(suite, dealt) : dealt;
  if (!suite.xOnly) throw new InvalidInput('a Taproot tweak is of BIP-340 keys only');
  const { group } = suite;
  const internal = withEvenY(suite, dealt);
  const { merkleRoot = Buffer.alloc(0) } = tweak;
  if (tweak.merkleRoot && merkleRoot.length !== ROOT_BYTES) {
    throw new InvalidInput('a Merkle root has 32 bytes');
  }
  const t = bytesToInteger(taggedHash('TapTweak', xCoordinate(internal.point), merkleRoot));
  const output =
    t > 0n && t < group.order
      ? group.addPoints(internal.point, group.multiplyBase(scalarBytes(t)))
      : undefined;
  if (!output) throw new InvalidInput('BIP-341 has no output key for this internal key and root');
  return withEvenY(suite, { point: output, factor: internal.factor, offset: t });
}

function withEvenY({ group }: Ciphersuite, key: SigningKey): SigningKey {
  if (!isOdd(key.point)) return key;
  return {
    point: group.negatePoint(key.point),
    factor: mod(-key.factor, group.order),
    offset: mod(-key.offset, group.order),
  };
}
