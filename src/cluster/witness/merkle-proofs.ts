/**
 * Checks of proofs about Merkle trees, by roots alone.
 *
 * A proof is hostile: its length must be the one that the sizes ask for, and sizes may be as large
 * as a number is exact.
 *
 * Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2, for trees of RFC 6962.
 */
import { nodeHash } from "./merkle-tree.ts";

/** What a proof is about: a tree by its size and root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the tree has the leaf, given by its hash, at `index`, counted from 0. */
export function hasLeaf(
  { size, root }: TreeHead,
  index: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  let hash = leaf;
  const isWhole = climb([index, size - 1], proof, (beside, isLeft) => {
    hash = isLeft ? nodeHash(beside, hash) : nodeHash(hash, beside);
  });
  return isWhole && isEqual(hash, root);
}

/** Whether the tree `after` begins with all leaves of the tree `before`, in their order. */
export function hasGrown(before: TreeHead, after: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isSize(before.size) || !isSize(after.size) || before.size > after.size) return false;
  if (before.size === 0) return proof.length === 0;
  if (before.size === after.size) return proof.length === 0 && isEqual(before.root, after.root);
  let [place, last] = [before.size - 1, after.size - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  // A tree that is a full subtree of the one after is not in the proof: it is known.
  const [first, ...rest] = place === 0 ? [before.root, ...proof] : proof;
  if (first === undefined) return false;
  let [old, now] = [first, first];
  const isWhole = climb([place, last], rest, (beside, isLeft) => {
    if (isLeft) old = nodeHash(beside, old);
    now = isLeft ? nodeHash(beside, now) : nodeHash(now, beside);
  });
  return isWhole && isEqual(old, before.root) && isEqual(now, after.root);
}

/**
 * Goes from a node to the root, with a hash of the proof at each step.
 *
 * @param from - The node's place in its level, and the last place there is.
 * @param step - Gets the hash, and whether it is on the left.
 * @returns Whether the proof has as many hashes as there are steps.
 */
function climb(
  from: readonly [number, number],
  proof: readonly Uint8Array[],
  step: (beside: Uint8Array, isLeft: boolean) => void,
): boolean {
  let [place, last] = from;
  for (const beside of proof) {
    if (last === 0) return false;
    const isLeft = isOdd(place) || place === last;
    step(beside, isLeft);
    // The last node of a level without one beside it moves up as it is.
    while (isLeft && !isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    [place, last] = [half(place), half(last)];
  }
  return last === 0;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
