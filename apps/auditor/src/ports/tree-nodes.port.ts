import { type StoreTransaction } from '@quorate/event-store';
import { type ReadNodes, type TreeNode } from '@quorate/transparency-log';

/** The complete nodes of the Merkle trees, one tree for each log; inserted once and never changed. */
export interface TreeNodes {
  insert(tx: StoreTransaction, log: number, nodes: readonly TreeNode[]): void;
  /** Leaves of a tree. */
  size(tx: StoreTransaction, log: number): Promise<number>;
  /** Reads nodes of a tree within a transaction. Rejects with Fatal `tree-node` when one is missing. */
  reader(tx: StoreTransaction, log: number): ReadNodes;
}
