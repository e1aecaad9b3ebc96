/** Tiles: the stored nodes of a tree as files that never change (C2SP tlog-tiles). */
import { HASH_BYTES, type Hash, nodeHash } from '../merkle/hashes';
import { type NodeId, type ReadNodes } from '../merkle/nodes';
import { concatBytes } from '../encoding';
import { Malformed } from '../malformed';
import { TILE_HEIGHT, TILE_WIDTH, type TileId } from './tile-path';

/** The nodes whose hashes a tile consists of, in order. */
export function nodesOfTile({ level, index, width }: TileId & { level: number }): NodeId[] {
  return Array.from({ length: width }, (_, i) => ({
    level: level * TILE_HEIGHT,
    index: index * TILE_WIDTH + i,
  }));
}

export function encodeTile(hashes: readonly Hash[]): Uint8Array {
  return concatBytes(...hashes);
}

/** @throws Malformed when it has not as many hashes as its path says. */
export function parseTile(bytes: Uint8Array, width: number): Hash[] {
  if (bytes.length !== width * HASH_BYTES)
    throw new Malformed(`a tile of ${width} hashes has ${bytes.length} bytes, not ${width * HASH_BYTES}`);
  return Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/**
 * Reads nodes from tiles: each tile once, the nodes between two levels of tiles computed.
 *
 * @param readTile gives the hashes of a tile as a tree of `size` leaves has it.
 */
export function nodesInTiles(readTile: (tile: TileId) => Promise<readonly Hash[]>, size: number): ReadNodes {
  return async (nodes) => {
    const tiles = new Map<string, Promise<readonly Hash[]>>();
    const hashesOf = (tile: TileId): Promise<readonly Hash[]> => {
      const key = `${tile.level}/${tile.index}`;
      const hashes = tiles.get(key) ?? readTile(tile);
      tiles.set(key, hashes);
      return hashes;
    };
    return Promise.all(nodes.map((node) => readNode(node, size, hashesOf)));
  };
}

async function readNode(
  { level, index }: NodeId,
  size: number,
  hashesOf: (tile: TileId) => Promise<readonly Hash[]>,
): Promise<Hash> {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const span = 2 ** (level - tileLevel * TILE_HEIGHT);
  const first = index * span;
  const tileIndex = Math.floor(first / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** tileLevel) - tileIndex * TILE_WIDTH);
  const hashes = await hashesOf({ level: tileLevel, index: tileIndex, width });
  let row = hashes.slice(first - tileIndex * TILE_WIDTH, first - tileIndex * TILE_WIDTH + span);
  if (row.length < span) throw new RangeError(`a tree of ${size} leaves has no node ${level}/${index}`);
  while (row.length > 1) row = pairsOf(row);
  const [hash] = row;
  if (hash === undefined) throw new RangeError(`a tree of ${size} leaves has no node ${level}/${index}`);
  return hash;
}

function pairsOf(row: readonly Hash[]): Hash[] {
  return row.flatMap((left, i) => {
    const right = row[i + 1];
    return i % 2 === 1 || right === undefined ? [] : [nodeHash(left, right)];
  });
}
