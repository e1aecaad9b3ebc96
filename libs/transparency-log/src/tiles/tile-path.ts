/** Paths of tiles and entry bundles below a log's prefix (C2SP tlog-tiles, "Merkle Tree" and "Log entries"). */

/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree in one level of tiles. */
export const TILE_HEIGHT = 8;

/** A tile, or with level `entries` a bundle of entries; partial when `width` is below 256. */
export interface TileId {
  level: number | 'entries';
  index: number;
  /** 1 to 256. */
  width: number;
}

/** `tile/<L>/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: TileId): string {
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
  return `tile/${level}/${indexPath(index)}${partial}`;
}

/** Undefined when it is not the path of any tile. */
export function parseTilePath(path: string): TileId | undefined {
  const [, levelText = '', groups = '', widthText] =
    /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ??
    [];
  const level = levelText === 'entries' ? levelText : Number(levelText);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (levelText === '' || (level !== 'entries' && level > 63) || !Number.isSafeInteger(index))
    return undefined;
  if (indexPath(index) !== groups || (widthText !== undefined && width >= TILE_WIDTH)) return undefined;
  return { level, index, width };
}

/** How many hashes of a tile (or entries of a bundle) a tree of `size` leaves has: 0 to 256. */
export function tileWidth({ level, index }: Pick<TileId, 'level' | 'index'>, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** 1234067 is x001/x234/067. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}
