/**
 * The complete nodes of a tree: those that never change again. Every root and every proof is made of them, so that a log
 * stores each of them once, when its last leaf is appended.
 */
import { emptyRoot, type Hash, nodeHash } from './hashes';

/** The root of the complete subtree over the leaves `index * 2^level` up to (not with) `(index + 1) * 2^level`. */
export interface NodeId {
  level: number;
  index: number;
}

/** Leaves from `start` up to, not with, `end`. */
export interface LeafRange {
  start: number;
  end: number;
}

/** Reads stored nodes, in the order asked for. Rejects when one is missing. */
export type ReadNodes = (nodes: readonly NodeId[]) => Promise<readonly Hash[]>;

/**
 * The complete nodes that a subtree of RFC 6962 consists of, largest first.
 *
 * @param start a multiple of every power of two up to `end - start`, as the subtrees of a Merkle tree begin.
 */
export function nodesOf({ start, end }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  for (let from = start; from < end;) {
    const level = floorLog2(end - from);
    const width = 2 ** level;
    nodes.push({ level, index: from / width });
    from += width;
  }
  return nodes;
}

/** The hash of a subtree from its complete nodes, largest first; `emptyRoot` without any. */
export function foldNodes(hashes: readonly Hash[]): Hash {
  const [last, ...others] = [...hashes].reverse();
  if (last === undefined) return emptyRoot;
  return others.reduce((right, left) => nodeHash(left, right), last);
}

/** The hashes of several subtrees, with one reading of their nodes. */
export async function hashSubtrees(read: ReadNodes, ranges: readonly LeafRange[]): Promise<Hash[]> {
  const groups = ranges.map(nodesOf);
  const hashes = await read(groups.flat());
  let next = 0;
  return groups.map((group) => foldNodes(hashes.slice(next, (next += group.length))));
}

/** The root of the tree of the first `size` leaves. */
export async function rootOf(read: ReadNodes, size: number): Promise<Hash> {
  const [root = emptyRoot] = await hashSubtrees(read, [{ start: 0, end: size }]);
  return root;
}

/** The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree. */
export function splitOf(size: number): number {
  return 2 ** floorLog2(size - 1);
}

/** Math.log2 rounds up just below large powers of two. */
function floorLog2(number: number): number {
  const rounded = Math.floor(Math.log2(number));
  return 2 ** rounded > number ? rounded - 1 : rounded;
}
