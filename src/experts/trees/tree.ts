/**
 * One regression tree, grown depth first on weighted residuals.
 *
 * A node owns a run of `rows`, which splits reorder in place. How a split is found is said in
 * best-tree.ts and random-tree.ts.
 */

/** Nodes by number, the root first; a node's children are `children` and the one after. */
export interface Tree {
  /** The input that the node compares; −1 in a leaf. */
  readonly features: readonly number[];
  /** Up to it to the first child, above to the second. */
  readonly thresholds: readonly number[];
  readonly children: readonly number[];
  readonly values: number[];
}

/** A tree with its leaves, whose rows are the runs into which growing ordered its own. */
export interface Grown {
  readonly tree: Tree;
  readonly leaves: readonly Node[];
}

export interface Targets {
  /** Rows to grow on; reordered. */
  readonly rows: Int32Array;
  /** Shape (nRows of all,). */
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
}

export interface TreeShape {
  readonly depth: number;
  /** Weight of a leaf's rows at least. */
  readonly minWeight: number;
  /** Added to a leaf's weight, which shrinks the values of small leaves. */
  readonly shrinkage: number;
}

/** A split that lowers the sum of squares by less is none. */
export const LEAST_GAIN = 1e-7;

export interface MutableTree {
  readonly features: number[];
  readonly thresholds: number[];
  readonly children: number[];
  readonly values: number[];
}

export interface Node {
  readonly id: number;
  readonly level: number;
  /** Its rows: growing.rows from start to end. */
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  readonly weight: number;
}

export interface Split {
  readonly column: number;
  /** Up to it to the first child. */
  readonly threshold: number;
  /** Of the first child. */
  readonly sum: number;
  readonly weight: number;
}

/** A tree of one leaf, which holds all rows. */
export function plantTree(
  { rows, residuals, weights }: Targets,
  shape: TreeShape,
): { readonly tree: MutableTree; readonly root: Node } {
  const tree: MutableTree = { features: [], thresholds: [], children: [], values: [] };
  let [sum, weight] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * residuals[i]!;
    weight += weights[i]!;
  }
  const id = addLeaf(tree, sum, weight, shape);
  return { tree, root: { id, level: 0, start: 0, end: rows.length, sum, weight } };
}

/** Whether a node may be split. */
export function mayGrow({ level, weight }: Node, { depth, minWeight }: TreeShape): boolean {
  return level < depth && weight >= 2 * minWeight;
}

interface Parting {
  readonly split: Split;
  /** Where the second child's rows begin. */
  readonly middle: number;
  readonly shape: TreeShape;
}

/** Makes a leaf the parent of two. */
export function addChildren(
  tree: MutableTree,
  node: Node,
  { split, middle, shape }: Parting,
): readonly [Node, Node] {
  const { column, threshold, sum, weight } = split;
  const rest = { sum: node.sum - sum, weight: node.weight - weight };
  const first = addLeaf(tree, sum, weight, shape);
  const second = addLeaf(tree, rest.sum, rest.weight, shape);
  tree.features[node.id] = column;
  tree.thresholds[node.id] = threshold;
  tree.children[node.id] = first;
  const level = node.level + 1;
  return [
    { id: first, level, start: node.start, end: middle, sum, weight },
    { id: second, level, start: middle, end: node.end, ...rest },
  ];
}

/** @returns The leaf's number. */
function addLeaf(
  { features, thresholds, children, values }: MutableTree,
  sum: number,
  weight: number,
  { shrinkage }: TreeShape,
): number {
  features.push(-1);
  thresholds.push(0);
  children.push(0);
  values.push(weight > 0 ? sum / (weight + shrinkage) : 0);
  return features.length - 1;
}

/** Brings the rows of the first child to the front. @returns Where the second's begin. */
export function partRows(
  rows: Int32Array,
  start: number,
  end: number,
  isFirst: (row: number) => boolean,
): number {
  let [low, high] = [start, end - 1];
  while (low <= high) {
    const i = rows[low]!;
    if (isFirst(i)) {
      low++;
      continue;
    }
    rows[low] = rows[high]!;
    rows[high] = i;
    high--;
  }
  return low;
}

/** The tree's value for the row that begins at `start`. */
export function treeValue(
  { features, thresholds, children, values }: Tree,
  cells: Float32Array,
  start: number,
): number {
  let node = 0;
  while (features[node]! >= 0) {
    node = children[node]! + (cells[start + features[node]!]! <= thresholds[node]! ? 0 : 1);
  }
  return values[node]!;
}
