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
    return encodeEntryBundle(
      (await this.log.range(log, index * TILE_WIDTH, index * TILE_WIDTH + width)).map(leafOf),
    );
  }
}
