/**
 * The Merkle tree of RFC 6962 over a growing list of leaves.
 *
 * Hashes are kept in the order in which they become known: a leaf's, then that of every full
 * subtree which the leaf completes. What is there never changes, so the list may be a file that
 * only grows. A hash of level l and place n, over the leaves n · 2^l to (n + 1) · 2^l, has one
 * position in it (`positionOf`). Memory: 64 bytes a leaf.
 *
 * Source: RFC 6962, section 2.1; the order is that of Go's sumdb/tlog.
 */
import { createHash } from "node:crypto";

export const HASH_BYTES = 32;
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The hash of a leaf's bytes. */
export function leafHash(data: Uint8Array): Buffer {
  return createHash("sha256").update(LEAF).update(data).digest();
}

/** The hash of two subtrees side by side. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(NODE).update(left).update(right).digest();
}

/** The hashes of a tree, by position. */
export interface TreeHashes {
  /** Number of leaves. */
  readonly size: number;
  /** @param position - Below `nHashes(size)`. */
  hashAt(position: number): Uint8Array;
}

export interface MerkleTree extends TreeHashes {
  /** Adds a leaf by its hash. Cost: one more hash, on average. */
  add(leaf: Uint8Array): void;
  /** All hashes from a position on, one after another: a view that the next `add` may outdate. */
  hashesFrom(position: number): Uint8Array;
}

const FIRST_BYTES = 1 << 12;

export function createMerkleTree(): MerkleTree {
  let bytes = Buffer.alloc(FIRST_BYTES);
  let [size, count] = [0, 0];
  const hashAt = (position: number): Uint8Array =>
    bytes.subarray(HASH_BYTES * position, HASH_BYTES * (position + 1));
  const push = (hash: Uint8Array): void => {
    if (HASH_BYTES * (count + 1) > bytes.length) {
      bytes = Buffer.concat([bytes], 2 * bytes.length);
    }
    bytes.set(hash, HASH_BYTES * count);
    count += 1;
  };
  return {
    get size() {
      return size;
    },
    hashAt,
    add: (leaf) => {
      push(leaf);
      for (let [level, n] = [0, size]; n % 2 === 1; level++, n = (n - 1) / 2) {
        push(nodeHash(hashAt(positionOf(level, n - 1)), hashAt(count - 1)));
      }
      size += 1;
    },
    hashesFrom: (position) => bytes.subarray(HASH_BYTES * position, HASH_BYTES * count),
  };
}

/** How many hashes a tree of `size` leaves keeps. */
export function nHashes(size: number): number {
  let count = 0;
  for (let n = size; n > 0; n = Math.floor(n / 2)) count += n;
  return count;
}

/** Where the hash of level `level` and place `n` is: after all that the leaves before it gave. */
function positionOf(level: number, n: number): number {
  return nHashes((n + 1) * 2 ** level - 1) + level;
}

/** The largest power of two below `n`, for n above 1. */
export function splitOf(n: number): number {
  let split = 1;
  while (2 * split < n) split *= 2;
  return split;
}

/** The root of the first `size` leaves; that of no leaves is the hash of nothing. */
export function treeRoot(tree: TreeHashes, size: number = tree.size): Buffer {
  if (size === 0) return createHash("sha256").digest();
  return rangeHash(tree, 0, size);
}

/** The hash over the leaves from `low` to before `high`; `low` begins a subtree as large. */
function rangeHash(tree: TreeHashes, low: number, high: number): Buffer {
  const n = high - low;
  const level = Math.log2(n);
  if (Number.isInteger(level)) return Buffer.from(tree.hashAt(positionOf(level, low / n)));
  const middle = low + splitOf(n);
  return nodeHash(rangeHash(tree, low, middle), rangeHash(tree, middle, high));
}

/**
 * That the leaf at `index` is in the tree of the first `size` leaves: the hashes beside its path,
 * from the leaf's on. Cost: O(log² size).
 */
export function proveLeaf(tree: TreeHashes, index: number, size: number): readonly Buffer[] {
  const path: Buffer[] = [];
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = low + splitOf(high - low);
    const isLeft = index < middle;
    path.push(isLeft ? rangeHash(tree, middle, high) : rangeHash(tree, low, middle));
    if (isLeft) high = middle;
    else low = middle;
  }
  return path.reverse();
}

/**
 * That the first `size` leaves begin with the first `before`. Empty if either tree is empty, or
 * both are one. Cost: O(log² size).
 */
export function proveGrowth(tree: TreeHashes, before: number, size: number): readonly Buffer[] {
  const proof: Buffer[] = [];
  let [low, high] = [0, size];
  if (before === 0) return proof;
  while (before < high) {
    const middle = low + splitOf(high - low);
    const isLeft = before <= middle;
    proof.push(isLeft ? rangeHash(tree, middle, high) : rangeHash(tree, low, middle));
    if (isLeft) high = middle;
    else low = middle;
  }
  // The tree before is known to who checks; a part of it is not.
  if (low > 0) proof.push(rangeHash(tree, low, high));
  return proof.reverse();
}
