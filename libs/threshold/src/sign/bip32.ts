/** Public, non-hardened child key derivation: BIP32, and specification section 12. */
import { createHmac } from 'node:crypto';
import { InvalidInput } from '../errors';
import { type Point, tweakAdd } from '../group/point';
import { mod, parseScalar } from '../group/scalar';

/** First hardened index: deriving it needs the private key. */
const HARDENED = 2 ** 31;
/** Levels that {@link parsePath} accepts. */
export const MAX_DEPTH = 10;

/** Child indices from the root; `[]` is the root key itself. */
export type DerivationPath = readonly number[];

/** A key below the root: publicKey = root + tweak*G. */
export interface ChildKey {
  /** e, the sum of all IL mod q; 0 for the root. */
  readonly tweak: bigint;
  readonly publicKey: Point;
  /** 32 B. */
  readonly chainCode: Buffer;
}

/**
 * Parses `m/44/60/0` (or `m`) in its canonical spelling.
 *
 * @throws InvalidInput for hardened indices, more than 10 levels or anything else
 */
export function parsePath(path: string): number[] {
  const [root, ...levels] = path.length <= 128 ? path.split('/') : [];
  if (root !== 'm') throw new InvalidInput('a derivation path is m, m/0, m/44/60/0, ..');
  const indices = levels.map(parseLevel);
  checkPath(indices);
  return indices;
}

/** The inverse of {@link parsePath}. */
export function formatPath(path: DerivationPath): string {
  return ['m', ...path].join('/');
}

/**
 * The child of a root key: per level I = HMAC-SHA512(chain, ser33(pk) || u32be(index)), child = pk + IL*G.
 *
 * @param chainCode 32 B
 * @throws InvalidInput for an index outside [0, 2^31), more than 10 levels, or an index that BIP32 skips (2^-127)
 */
export function deriveChild(publicKey: Point, chainCode: Uint8Array, path: DerivationPath): ChildKey {
  checkPath(path);
  let child: ChildKey = { tweak: 0n, publicKey, chainCode: Buffer.from(chainCode) };
  for (const index of path) child = deriveLevel(child, index);
  return child;
}

/** Children of one root key, remembered by path: a level costs tens of microseconds. */
export class ChildKeyCache {
  private readonly children = new Map<string, ChildKey>();

  /** @param capacity how many children to remember; the oldest is forgotten first */
  constructor(
    private readonly publicKey: Point,
    private readonly chainCode: Uint8Array,
    private readonly capacity = 1024,
  ) {}

  /** @throws InvalidInput as {@link deriveChild} */
  derive(path: DerivationPath): ChildKey {
    const name = formatPath(path);
    const known = this.children.get(name);
    if (known) return known;
    const child = deriveChild(this.publicKey, this.chainCode, path);
    const [oldest] = this.children.keys();
    if (this.children.size >= this.capacity && oldest !== undefined) this.children.delete(oldest);
    this.children.set(name, child);
    return child;
  }
}

function deriveLevel(parent: ChildKey, index: number): ChildKey {
  const data = Buffer.alloc(37);
  data.set(parent.publicKey);
  data.writeUInt32BE(index, 33);
  const digest = createHmac('sha512', parent.chainCode).update(data).digest();
  const left = parseScalar(digest.subarray(0, 32));
  const publicKey = left === undefined ? undefined : tweakAdd(parent.publicKey, left);
  if (left === undefined || !publicKey)
    throw new InvalidInput(`BIP32 skips index ${index} here; use the next`);
  return { tweak: mod(parent.tweak + left), publicKey, chainCode: digest.subarray(32) };
}

function checkPath(path: DerivationPath): void {
  if (path.length > MAX_DEPTH) throw new InvalidInput(`a derivation path has at most ${MAX_DEPTH} levels`);
  for (const index of path) {
    if (!Number.isInteger(index) || index < 0) throw new InvalidInput('a path index is an integer from 0');
    if (index >= HARDENED) throw hardenedRefused();
  }
}

function parseLevel(level: string): number {
  if (/^\d+['hH]$/.test(level)) throw hardenedRefused();
  if (!/^(0|[1-9]\d{0,9})$/.test(level)) throw new InvalidInput('a path index is a decimal number');
  return Number(level);
}

function hardenedRefused(): InvalidInput {
  return new InvalidInput(
    'hardened derivation needs the private key, which exists nowhere; use an index below 2^31 (no apostrophe)',
  );
}
