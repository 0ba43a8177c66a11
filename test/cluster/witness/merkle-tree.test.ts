/**
 * The Merkle tree: its roots are those of RFC 6962's test data, its proofs hold, and no proof holds
 * for another leaf, size or root.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createMerkleTree,
  hasGrown,
  hasLeaf,
  leafHash,
  type MerkleTree,
  nHashes,
  proveGrowth,
  proveLeaf,
  treeRoot,
} from "../../../src/cluster/witness/index.ts";

/** Leaves and roots of the tests of Certificate Transparency, by others. */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

function treeOf(n: number, leaf = (i: number): string => `line ${i}`): MerkleTree {
  const tree = createMerkleTree();
  for (let i = 0; i < n; i++) tree.add(leafHash(Buffer.from(leaf(i))));
  return tree;
}

const head = (tree: MerkleTree, size: number) => ({ size, root: treeRoot(tree, size) });

test("roots of every size are those that others computed", () => {
  const tree = createMerkleTree();
  for (const leaf of LEAVES) tree.add(leafHash(Buffer.from(leaf, "hex")));
  expect(ROOTS.map((_, size) => treeRoot(tree, size).toString("hex"))).toEqual(ROOTS);
});

test("a tree keeps less than two hashes a leaf, and those of a smaller tree first", () => {
  const [small, large] = [treeOf(37), treeOf(200)];
  expect([small.hashesFrom(0).length, nHashes(37)]).toEqual([32 * nHashes(37), 71]);
  const first = large.hashesFrom(0).subarray(0, small.hashesFrom(0).length);
  expect(Buffer.compare(first, small.hashesFrom(0))).toBe(0);
});

test("every leaf of every size to 40 is proven, by at most as many hashes as the tree is high", () => {
  const tree = treeOf(40);
  for (let size = 1; size <= 40; size++) {
    for (let i = 0; i < size; i++) {
      const proof = proveLeaf(tree, i, size);
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      expect(hasLeaf(head(tree, size), i, leafHash(Buffer.from(`line ${i}`)), proof)).toBe(true);
    }
  }
});

test("growth from every size to every size to 40 is proven", () => {
  const tree = treeOf(40);
  for (let size = 0; size <= 40; size++) {
    for (let before = 0; before <= size; before++) {
      const proof = proveGrowth(tree, before, size);
      expect(hasGrown(head(tree, before), head(tree, size), proof)).toBe(true);
    }
  }
});

test("a leaf's proof holds for no other leaf, place, size, root or path", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, one, other) => {
      const tree = treeOf(size);
      const i = one % size;
      const leaf = leafHash(Buffer.from(`line ${i}`));
      const proof = proveLeaf(tree, i, size);
      const at = head(tree, size);
      const wrong = (i + 1 + (other % (size - 1))) % size;
      expect(hasLeaf(at, i, leafHash(Buffer.from("another")), proof)).toBe(false);
      expect(hasLeaf(at, wrong, leaf, proof)).toBe(false);
      expect(hasLeaf({ ...at, root: treeRoot(tree, size - 1) }, i, leaf, proof)).toBe(false);
      expect(hasLeaf(at, i, leaf, proof.slice(1))).toBe(false);
      expect(hasLeaf(at, i, leaf, [...proof, leaf])).toBe(false);
      expect(hasLeaf(at, i, leaf, proof.with(other % proof.length, Buffer.alloc(32)))).toBe(false);
    }),
  );
});

test("a history that was written again does not follow from the one before, whatever is shown", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(100), (before, one, more) => {
      const changed = one % before;
      const tree = treeOf(before + more);
      const forged = treeOf(before + more, (i) => (i === changed ? "forged" : `line ${i}`));
      const [was, is] = [head(tree, before), head(forged, before + more)];
      expect(hasGrown(was, is, proveGrowth(forged, before, before + more))).toBe(false);
      expect(hasGrown(was, is, proveGrowth(tree, before, before + more))).toBe(false);
      expect(hasGrown(head(tree, before + more), was, [])).toBe(more === 0);
    }),
  );
});

test.each([
  ["negative", -1],
  ["fractional", 2.5],
  ["not a number", Number.NaN],
  ["too large to be exact", 2 ** 53],
])("a size that is %s proves nothing, and ends", (_, size) => {
  const tree = treeOf(8);
  const proof = proveGrowth(tree, 4, 8);
  expect(hasGrown({ ...head(tree, 4), size }, head(tree, 8), proof)).toBe(false);
  expect(hasGrown(head(tree, 4), { ...head(tree, 8), size }, proof)).toBe(false);
  expect(hasLeaf({ ...head(tree, 8), size }, 3, leafHash(Buffer.of()), proof)).toBe(false);
  expect(hasLeaf(head(tree, 8), size, leafHash(Buffer.of()), proof)).toBe(false);
});

test("a proof of the largest size is checked", () => {
  const tree = treeOf(8);
  const size = Number.MAX_SAFE_INTEGER;
  const hashes = Array.from({ length: 63 }, () => Buffer.alloc(32));
  expect(hasLeaf({ size, root: treeRoot(tree) }, size - 1, hashes[0]!, hashes)).toBe(false);
  expect(hasGrown(head(tree, 8), { size, root: treeRoot(tree) }, hashes)).toBe(false);
});
