/** The right edge of a tree, which is all that appending to it needs. */
import { foldNodes, type NodeId, nodesOf, type ReadNodes } from './nodes';
import { type Hash, nodeHash } from './hashes';

/** A complete node and its hash. */
export interface TreeNode extends NodeId {
  hash: Hash;
}

/** The complete subtrees that a tree of some size consists of; grows by appending. */
export class Frontier {
  private constructor(
    private leaves: number,
    /** Largest first. */
    private readonly hashes: Hash[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** The edge of a stored tree. */
  static async load(read: ReadNodes, size: number): Promise<Frontier> {
    return new Frontier(size, [...(await read(nodesOf({ start: 0, end: size })))]);
  }

  get size(): number {
    return this.leaves;
  }

  /** The root of the tree so far. */
  root(): Hash {
    return foldNodes(this.hashes);
  }

  /** @returns the nodes that became complete, the leaf first; two in the mean */
  append(leaf: Hash): TreeNode[] {
    let node: TreeNode = { level: 0, index: this.leaves, hash: leaf };
    const complete = [node];
    while (node.index % 2 === 1) {
      const left = this.hashes.pop();
      if (left === undefined) throw new Error('a frontier lacks a node');
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) };
      complete.push(node);
    }
    this.hashes.push(node.hash);
    this.leaves += 1;
    return complete;
  }

  /** An independent copy. */
  clone(): Frontier {
    return new Frontier(this.leaves, [...this.hashes]);
  }
}
