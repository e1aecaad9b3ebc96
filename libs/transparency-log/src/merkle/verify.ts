/** Checks of proofs by somebody who holds roots only. Nothing here throws: what is malformed is false. */
import { emptyRoot, equalHashes, type Hash, HASH_BYTES, nodeHash } from './hashes';

/** What an inclusion proof is to show. */
export interface InclusionClaim {
  /** Of the leaf, from 0. */
  index: number;
  size: number;
  leaf: Hash;
  root: Hash;
}

/** What a consistency proof is to show: that the first tree is the beginning of the second. */
export interface ConsistencyClaim {
  from: number;
  to: number;
  fromRoot: Hash;
  toRoot: Hash;
}

/** Whether the proof shows that a leaf is in a tree (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(
  { index, size, leaf, root }: InclusionClaim,
  proof: readonly Hash[],
): boolean {
  if (![index, size].every(isCount) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalHashes(hash, root);
}

/** Whether the proof shows that one tree is the beginning of another (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Hash[]): boolean {
  const { from, to, fromRoot, toRoot } = claim;
  if (![from, to].every(isCount) || from > to || !areHashes([fromRoot, toRoot, ...proof])) return false;
  if (from === to)
    return proof.length === 0 && equalHashes(fromRoot, toRoot) && isRootOfEmpty(from, fromRoot);
  if (from === 0) return proof.length === 0 && isRootOfEmpty(from, fromRoot);
  if (proof.length === 0) return false;
  let [node, last] = [from - 1, to - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  const path = node === 0 ? [fromRoot, ...proof] : proof;
  const [first = fromRoot, ...others] = path;
  let [before, after] = [first, first];
  for (const hash of others) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      after = nodeHash(after, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalHashes(before, fromRoot) && equalHashes(after, toRoot);
}

function isRootOfEmpty(size: number, root: Hash): boolean {
  return size > 0 || equalHashes(root, emptyRoot);
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function areHashes(hashes: readonly Hash[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function isOdd(number: number): boolean {
  return number % 2 === 1;
}

/** Without bit operations, which end at 32 bits. */
function half(number: number): number {
  return Math.floor(number / 2);
}
