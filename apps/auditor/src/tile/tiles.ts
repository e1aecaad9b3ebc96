import { type EventStore } from '@quorate/event-store';
import {
  encodeEntryBundle,
  encodeTile,
  nodesOfTile,
  TILE_WIDTH,
  type TileId,
  tileWidth,
} from '@quorate/transparency-log';
import { leafOf } from '../merkle-tree/leaf';
import { type AuditLog } from '../ports/audit-log.port';
import { type TreeNodes } from '../ports/tree-nodes.port';

/** Tiles and entry bundles of the logs (C2SP tlog-tiles), made of the stored nodes and records. */
export class Tiles {
  constructor(
    private readonly store: EventStore,
    private readonly log: AuditLog,
    private readonly nodes: TreeNodes,
  ) {}

  /** The bytes of a tile; undefined when the tree has not grown that far. */
  async read(log: number, tile: TileId): Promise<Uint8Array | undefined> {
    return this.store.transaction(
      async (tx) => {
        if (tileWidth(tile, await this.nodes.size(tx, log)) < tile.width) return undefined;
        const { level } = tile;
        if (level === 'entries') return this.entries(log, tile);
        return encodeTile(await this.nodes.reader(tx, log)(nodesOfTile({ ...tile, level })));
      },
      { durable: false },
    );
  }

  private async entries(log: number, { index, width }: TileId): Promise<Uint8Array> {
    const end = index * TILE_WIDTH + width;
    const leaves: Uint8Array[] = [];
    for (let next: number | undefined = end - width; next !== undefined && next < end;) {
      const entries = await this.log.range(log, next, end);
      leaves.push(...entries.map(leafOf));
      const last = entries.at(-1);
      next = last && Number(last.index) + 1;
    }
    return encodeEntryBundle(leaves);
  }
}
