import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { Frontier } from './frontier';
import { emptyRoot, type Hash, leafHash, nodeHash } from './hashes';
import { type NodeId, nodesOf, type ReadNodes, rootOf, splitOf } from './nodes';
import { proveConsistency, proveInclusion } from './prove';
import { verifyConsistency, verifyInclusion } from './verify';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (hash: Hash | undefined) => Buffer.from(hash ?? []).toString('hex');

/** The tree as RFC 6962, section 2.1 writes it down, with another SHA-256. */
const sha256 = (...parts: Uint8Array[]): Hash =>
  Uint8Array.from(createHash('sha256').update(Buffer.concat(parts)).digest());
function naiveRoot(leaves: readonly Uint8Array[]): Hash {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), first);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}
function naivePath(m: number, leaves: readonly Uint8Array[]): Hash[] {
  if (leaves.length === 1) return [];
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** A log in memory: every complete node once, and how often nodes are read. */
class StoredTree {
  readonly frontier = Frontier.empty();
  readonly leaves: Uint8Array[] = [];
  readings = 0;
  nodesRead = 0;
  private readonly nodes = new Map<string, Hash>();

  append(leaf: Uint8Array): void {
    this.leaves.push(leaf);
    for (const { level, index, hash } of this.frontier.append(leafHash(leaf))) {
      expect(this.nodes.has(`${level}/${index}`)).toBe(false);
      this.nodes.set(`${level}/${index}`, hash);
    }
  }

  readonly read: ReadNodes = async (wanted: readonly NodeId[]) => {
    this.readings += 1;
    this.nodesRead += wanted.length;
    return wanted.map(({ level, index }) => {
      const hash = this.nodes.get(`${level}/${index}`);
      if (hash === undefined) throw new Error(`no node ${level}/${index}`);
      return hash;
    });
  };
}

const treeOf = (size: number): StoredTree => {
  const tree = new StoredTree();
  for (let i = 0; i < size; i += 1) tree.append(Buffer.from(`leaf ${i}`));
  return tree;
};

/** Leaves and roots of certificate-transparency's merkle tree tests. */
const knownLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const knownRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree', () => {
  it('has the roots of the published vectors', () => {
    const tree = new StoredTree();
    const roots = [hex(tree.frontier.root())];
    for (const leaf of knownLeaves) {
      tree.append(bytes(leaf));
      roots.push(hex(tree.frontier.root()));
    }
    expect(roots).toEqual(knownRoots);
    expect(hex(emptyRoot)).toBe(knownRoots[0]);
  });

  it('has the roots of the definition for 0 to 300 leaves, and goes on from what is stored', async () => {
    const tree = new StoredTree();
    for (let size = 0; size <= 300; size += 1) {
      const expected = hex(naiveRoot(tree.leaves));
      expect(hex(tree.frontier.root())).toBe(expected);
      expect(hex(await rootOf(tree.read, size))).toBe(expected);
      const loaded = await Frontier.load(tree.read, size);
      expect([loaded.size, hex(loaded.root())]).toEqual([size, expected]);
      tree.append(Buffer.from(`leaf ${size}`));
      loaded.append(leafHash(Buffer.from(`leaf ${size}`)));
      expect(hex(loaded.root())).toBe(hex(tree.frontier.root()));
    }
  });

  it('splits and decomposes sizes near 2^53, where logarithms round', () => {
    for (let power = 1; power <= 52; power += 1) {
      const width = 2 ** power;
      expect(splitOf(width)).toBe(width / 2);
      expect(splitOf(width + 1)).toBe(width);
      expect(nodesOf({ start: 0, end: width - 1 })).toHaveLength(power);
    }
  });
});

describe('proofs', () => {
  it('of inclusion are those of the definition, and hold, for all leaves of trees of up to 64', async () => {
    const tree = treeOf(64);
    for (let size = 1; size <= 64; size += 1) {
      const leaves = tree.leaves.slice(0, size);
      const root = naiveRoot(leaves);
      for (let index = 0; index < size; index += 1) {
        const proof = await proveInclusion(tree.read, index, size);
        expect(proof.map(hex)).toEqual(naivePath(index, leaves).map(hex));
        const leaf = leafHash(leaves[index] ?? new Uint8Array());
        expect(verifyInclusion({ index, size, leaf, root }, proof)).toBe(true);
        expect(verifyInclusion({ index: index + 1, size, leaf, root }, proof)).toBe(false);
        expect(verifyInclusion({ index, size, leaf: nodeHash(leaf, leaf), root }, proof)).toBe(false);
      }
    }
  });

  it('of inclusion hold for all leaves of a tree of 300', async () => {
    const tree = treeOf(300);
    const root = tree.frontier.root();
    for (let index = 0; index < 300; index += 1) {
      const proof = await proveInclusion(tree.read, index, 300);
      const leaf = leafHash(tree.leaves[index] ?? new Uint8Array());
      expect(verifyInclusion({ index, size: 300, leaf, root }, proof)).toBe(true);
    }
  });

  it('of consistency hold for all pairs of sizes up to 100, and for no other sizes or roots', async () => {
    const tree = treeOf(100);
    const roots = await Promise.all(Array.from({ length: 101 }, (_, size) => rootOf(tree.read, size)));
    for (let to = 0; to <= 100; to += 1) {
      for (let from = 0; from <= to; from += 1) {
        const proof = await proveConsistency(tree.read, from, to);
        const claim = { from, to, fromRoot: roots[from] ?? emptyRoot, toRoot: roots[to] ?? emptyRoot };
        expect(verifyConsistency(claim, proof)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: leafHash(Buffer.from('other')) }, proof)).toBe(false);
        expect(verifyConsistency(claim, [...proof, emptyRoot])).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(claim, proof.slice(1))).toBe(false);
      }
    }
  });

  it('read O(log n) nodes at once', async () => {
    const tree = treeOf(5_000);
    await proveInclusion(tree.read, 4_321, 4_999);
    expect(tree.readings).toBe(1);
    expect(tree.nodesRead).toBeLessThan(2 * Math.log2(5_000));
  });

  it('are refused for what is not in the tree', async () => {
    const tree = treeOf(3);
    for (const [index, size] of [
      [3, 3],
      [-1, 3],
      [0.5, 3],
      [0, 0],
    ] as const)
      await expect(proveInclusion(tree.read, index, size)).rejects.toThrow(RangeError);
    for (const [from, to] of [
      [4, 3],
      [-1, 3],
      [Number.NaN, 3],
    ] as const)
      await expect(proveConsistency(tree.read, from, to)).rejects.toThrow(RangeError);
  });

  it('with any bit, hash, index or size changed do not hold', async () => {
    const tree = treeOf(200);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.nat(), fc.nat(), async (size, place, bit) => {
        const index = place % size;
        const proof = await proveInclusion(tree.read, index, size);
        const claim = {
          index,
          size,
          leaf: leafHash(tree.leaves[index] ?? new Uint8Array()),
          root: await rootOf(tree.read, size),
        };
        const changed = proof.map((hash, i) => (i === bit % proof.length ? flipped(hash, bit) : hash));
        expect(verifyInclusion(claim, changed)).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flipped(claim.leaf, bit) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, root: flipped(claim.root, bit) }, proof)).toBe(false);
        expect(verifyInclusion(claim, [...proof].reverse().concat(claim.root))).toBe(false);
      }),
    );
  });

  it('of malformed hashes and sizes are false, and end', () => {
    const claim = { index: 0, size: 2, leaf: emptyRoot, root: emptyRoot };
    expect(verifyInclusion(claim, [new Uint8Array(31)])).toBe(false);
    expect(verifyInclusion({ ...claim, index: -1 }, [])).toBe(false);
    expect(verifyInclusion({ ...claim, size: 2 ** 60 }, [])).toBe(false);
    const sizes = { from: 0.5, to: 2, fromRoot: emptyRoot, toRoot: emptyRoot };
    expect(verifyConsistency(sizes, [])).toBe(false);
  });
});

function flipped(hash: Hash, bit: number): Hash {
  return hash.map((byte, i) => (i === Math.floor(bit / 8) % 32 ? byte ^ (1 << (bit % 8)) : byte));
}

interface Vectors {
  inclusion: {
    name: string;
    leafIdx: number;
    treeSize: number;
    root: string;
    leafHash: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
  consistency: {
    name: string;
    size1: number;
    size2: number;
    root1: string;
    root2: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
}

describe('the vectors of transparency-dev', () => {
  const vectors = JSON.parse(readFileSync(join(__dirname, '../../vectors/merkle.json'), 'utf8')) as Vectors;
  const decode = (text: string | null) => Uint8Array.from(Buffer.from(text ?? '', 'base64'));

  test.each(vectors.inclusion)(
    '$name',
    ({ leafIdx: index, treeSize: size, root, leafHash: leaf, proof, wantErr }) => {
      const claim = { index, size, leaf: decode(leaf), root: decode(root) };
      expect(verifyInclusion(claim, (proof ?? []).map(decode))).toBe(!wantErr);
    },
  );

  test.each(vectors.consistency)('$name', ({ size1: from, size2: to, root1, root2, proof, wantErr }) => {
    const claim = { from, to, fromRoot: decode(root1), toRoot: decode(root2) };
    // One of them has roots that are no hashes: here that is refused.
    const expected = !wantErr && claim.fromRoot.length === 32;
    expect(verifyConsistency(claim, (proof ?? []).map(decode))).toBe(expected);
  });
});
