import fc from 'fast-check';

import { Malformed } from '../malformed';
import { Frontier } from '../merkle/frontier';
import { type Hash, leafHash } from '../merkle/hashes';
import { rootOf } from '../merkle/nodes';
import { proveConsistency, proveInclusion } from '../merkle/prove';
import { verifyConsistency, verifyInclusion } from '../merkle/verify';
import { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './entry-bundle';
import { encodeTile, nodesInTiles, nodesOfTile, parseTile } from './tile';
import { parseTilePath, type TileId, tilePath, tileWidth } from './tile-path';

describe('paths of tiles', () => {
  it.each<[TileId, string]>([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 2, index: 0, width: 1 }, 'tile/2/000.p/1'],
    [{ level: 'entries', index: 999, width: 255 }, 'tile/entries/999.p/255'],
    [{ level: 'entries', index: 1_000, width: 256 }, 'tile/entries/x001/000'],
  ])('%o is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    ...[
      'tile/00/000',
      'tile/64/000',
      'tile/-1/000',
      'tile/0/0',
      'tile/0/0000',
      'tile/0/x000/001',
      'tile/0/x1/000',
    ],
    ...[
      'tile/0/001/002',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/0/000.p/',
      'tile/0/x001',
    ],
    ...[
      'tile/0/x999/x999/x999/x999/x999/999',
      'tile/entries',
      'tile/1/../0/000',
      ' tile/0/000',
      'tile/0/000\n',
      '',
    ],
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it('are as many as the example of the specification says: 70,000 leaves', () => {
    const widths = (level: number, count: number) =>
      Array.from({ length: count }, (_, index) => tileWidth({ level, index }, 70_000));
    expect(widths(0, 275)).toEqual([...Array.from({ length: 273 }, () => 256), 112, 0]);
    expect(widths(1, 3)).toEqual([256, 17, 0]);
    expect(widths(2, 2)).toEqual([1, 0]);
    expect(tileWidth({ level: 3, index: 0 }, 70_000)).toBe(0);
    expect([0, 1].map((level) => tileWidth({ level, index: 0 }, 256))).toEqual([256, 1]);
    expect(tileWidth({ level: 'entries', index: 273 }, 70_000)).toBe(112);
  });
});

describe('tiles', () => {
  const size = 66_000;
  const nodes = new Map<string, Hash>();
  const frontier = Frontier.empty();
  const tilesRead: string[] = [];

  beforeAll(() => {
    for (let i = 0; i < size; i += 1)
      for (const { level, index, hash } of frontier.append(leafHash(Buffer.from(String(i)))))
        nodes.set(`${level}/${index}`, hash);
  });

  /** As a log serves it and a client reads it. */
  const readTile = async (tile: TileId): Promise<Hash[]> => {
    if (tile.level === 'entries') throw new Error('not a tile');
    expect(tile.width).toBe(tileWidth(tile, size));
    tilesRead.push(tilePath(tile));
    const hashes = nodesOfTile({ ...tile, level: tile.level }).map(({ level, index }) =>
      nodes.get(`${level}/${index}`),
    );
    return parseTile(encodeTile(hashes.flatMap((hash) => hash ?? [])), tile.width);
  };
  const read = nodesInTiles(readTile, size);

  it('hold all that roots and proofs need', async () => {
    const root = frontier.root();
    expect(await rootOf(read, size)).toEqual(root);
    for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
      const leaf = leafHash(Buffer.from(String(index)));
      expect(verifyInclusion({ index, size, leaf, root }, await proveInclusion(read, index, size))).toBe(
        true,
      );
    }
    const fromRoot = await rootOf(read, 65_537);
    const proof = await proveConsistency(read, 65_537, size);
    expect(verifyConsistency({ from: 65_537, to: size, fromRoot, toRoot: root }, proof)).toBe(true);
  });

  it('are read once for a proof', async () => {
    tilesRead.length = 0;
    await proveInclusion(read, 12_345, size);
    expect(new Set(tilesRead).size).toBe(tilesRead.length);
    expect(tilesRead.length).toBeLessThanOrEqual(6);
  });

  it('do not hold what is beyond the tree, nor other lengths', async () => {
    await expect(read([{ level: 0, index: size }])).rejects.toThrow(RangeError);
    expect(() => parseTile(new Uint8Array(33), 1)).toThrow(Malformed);
  });
});

describe('entry bundles', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 20 }), (entries) => {
        expect(parseEntryBundle(encodeEntryBundle(entries))).toEqual(entries);
      }),
    );
    const longest = new Uint8Array(MAX_ENTRY_BYTES).fill(7);
    expect(parseEntryBundle(encodeEntryBundle([longest]))).toEqual([longest]);
    expect(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)])).toThrow(RangeError);
  });

  it('do not end within an entry', () => {
    expect(() => parseEntryBundle(Uint8Array.of(0))).toThrow(Malformed);
    expect(() => parseEntryBundle(Uint8Array.of(0, 2, 1))).toThrow(Malformed);
  });
});
