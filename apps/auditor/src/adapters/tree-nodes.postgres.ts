import { type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';
import { type NodeId, type ReadNodes, type TreeNode } from '@quorate/transparency-log';
import { type TreeNodes } from '../ports/tree-nodes.port';

/** The nodes in the table tree_node. */
export class PostgresTreeNodes implements TreeNodes {
  insert(tx: StoreTransaction, log: number, nodes: readonly TreeNode[]): void {
    tx.write(
      `INSERT INTO tree_node (log, level, index, hash)
       SELECT $1::integer, level, index, substring($4::bytea FROM (32 * (place - 1) + 1)::integer FOR 32)
       FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY AS node (level, index, place)`,
      [log, ...columnsOf(nodes), Buffer.concat(nodes.map(({ hash }) => hash))],
    );
  }

  async size(tx: StoreTransaction, log: number): Promise<number> {
    const [row] = await tx.query<{ size: string }>(
      'SELECT coalesce(max(index) + 1, 0) AS size FROM tree_node WHERE log = $1 AND level = 0',
      [log],
    );
    return Number(row?.size ?? 0);
  }

  reader(tx: StoreTransaction, log: number): ReadNodes {
    return async (nodes) => {
      if (nodes.length === 0) return [];
      const rows = await tx.query<{ hash: Buffer | null }>(
        `SELECT hash FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY AS wanted (level, index, place)
         LEFT JOIN tree_node AS node
           ON node.log = $1 AND node.level = wanted.level AND node.index = wanted.index
         ORDER BY place`,
        [log, ...columnsOf(nodes)],
      );
      return rows.map(({ hash }, i) => hash ?? missing(log, nodes[i]));
    };
  }
}

function columnsOf(nodes: readonly NodeId[]): [levels: number[], indices: string[]] {
  return [nodes.map(({ level }) => level), nodes.map(({ index }) => String(index))];
}

function missing(log: number, node: NodeId | undefined): never {
  throw new Fatal('tree-node', `The tree of log ${log} lacks its node ${node?.level}/${node?.index}.`);
}
