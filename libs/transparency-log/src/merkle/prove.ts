/** Proofs from stored nodes (RFC 6962, sections 2.1.1 and 2.1.2): each with one reading of O(log n) nodes. */
import { type Hash } from './hashes';
import { hashSubtrees, type LeafRange, type ReadNodes, splitOf } from './nodes';

/**
 * The audit path of a leaf in the tree of the first `size` leaves, from the leaf's sibling upwards.
 *
 * @throws RangeError when the tree has no such leaf.
 */
export async function proveInclusion(read: ReadNodes, index: number, size: number): Promise<Hash[]> {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  return hashSubtrees(read, inclusionPath(index, size));
}

/**
 * The proof that the tree of the first `from` leaves is the beginning of that of the first `to` leaves. Empty from the
 * empty tree, and between equal sizes.
 *
 * @throws RangeError when `from` is above `to`.
 */
export async function proveConsistency(read: ReadNodes, from: number, to: number): Promise<Hash[]> {
  if (!isCount(from) || !isCount(to) || from > to)
    throw new RangeError(`a tree of ${from} leaves is not the beginning of one of ${to}`);
  return hashSubtrees(read, from === 0 ? [] : consistencyPath(from, to));
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

/** PATH(m, D[n]) of section 2.1.1. */
function inclusionPath(index: number, size: number): LeafRange[] {
  const path: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.reverse();
}

/** PROOF(m, D[n]) of section 2.1.2. */
function consistencyPath(from: number, to: number): LeafRange[] {
  const path: LeafRange[] = [];
  let [start, end] = [0, to];
  while (from < end) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  // The old tree itself is known to whoever checks; a subtree of it is not.
  if (start > 0) path.push({ start, end });
  return path.reverse();
}
