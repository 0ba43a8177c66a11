/**
 * One regression tree, grown depth first on weighted residuals.
 *
 * A node owns a run of `rows`, which splits reorder in place. Splits are read from a histogram: for
 * each column and bin the sum of the residuals and of the weights, interleaved. The larger child's
 * histogram is its parent's less the smaller child's.
 */
import { type Bins, MAX_BINS } from "./bins.ts";

/** Nodes by number, the root first; a node's children are `children` and the one after. */
export interface Tree {
  /** The input that the node compares; −1 in a leaf. */
  readonly features: readonly number[];
  /** Up to it to the first child, above to the second. */
  readonly thresholds: readonly number[];
  readonly children: readonly number[];
  readonly values: number[];
}

export interface Targets {
  /** Rows to grow on; reordered. */
  readonly rows: Int32Array;
  /** Shape (nRows of all,). */
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
}

export interface Growing extends Targets {
  readonly bins: Bins;
  /** Columns that nodes may split by. */
  readonly columns: readonly number[];
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
/** Numbers that a histogram keeps of a column. */
const STRIDE = 2 * MAX_BINS;

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

interface HistogramNode extends Node {
  readonly histogram: Float64Array;
}

export interface Split {
  readonly column: number;
  /** Of the first child. */
  readonly sum: number;
  readonly weight: number;
}

interface BinSplit extends Split {
  /** Up to its upper edge to the first child. */
  readonly bin: number;
}

/** A tree of one leaf. */
export function emptyTree(): MutableTree {
  return { features: [], thresholds: [], children: [], values: [] };
}

/** Modifies `growing.rows`. */
export function growTree(growing: Growing, shape: TreeShape): Tree {
  const tree = emptyTree();
  const room = createRoom(growing);
  const root = rootOf(growing, tree);
  const histogram = room.take();
  fillHistogram(growing, root, histogram);
  const open: HistogramNode[] = [{ ...root, histogram }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    setValue(tree, node, shape);
    const mayGrow = node.level < shape.depth && node.weight >= 2 * shape.minWeight;
    const split = mayGrow ? bestSplit(growing, node, shape) : null;
    if (split === null) {
      room.give(node.histogram);
      continue;
    }
    tree.features[node.id] = split.column;
    tree.thresholds[node.id] = growing.bins.edges[split.column]![split.bin]!;
    const children = addChildren(tree, node, split, part(growing, node, split));
    open.push(...withHistograms(growing, room, node.histogram, children));
  }
  return tree;
}

/** Adds a leaf. @returns Its number. */
function addNode({ features, thresholds, children, values }: MutableTree): number {
  features.push(-1);
  thresholds.push(0);
  children.push(0);
  values.push(0);
  return features.length - 1;
}

/** The node of all rows, the tree's first. */
export function rootOf({ rows, residuals, weights }: Targets, tree: MutableTree): Node {
  let [sum, weight] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * residuals[i]!;
    weight += weights[i]!;
  }
  return { id: addNode(tree), level: 0, start: 0, end: rows.length, sum, weight };
}

/** What the tree answers where the node is a leaf. */
export function setValue(tree: MutableTree, { id, sum, weight }: Node, shape: TreeShape): void {
  tree.values[id] = weight > 0 ? sum / (weight + shape.shrinkage) : 0;
}

/** @param middle - Where the second child's rows begin. @returns The children. */
export function addChildren(
  tree: MutableTree,
  node: Node,
  { sum, weight }: Split,
  middle: number,
): readonly [Node, Node] {
  const ids = [addNode(tree), addNode(tree)] as const;
  tree.children[node.id] = ids[0];
  const level = node.level + 1;
  const rest = { sum: node.sum - sum, weight: node.weight - weight };
  return [
    { id: ids[0], level, start: node.start, end: middle, sum, weight },
    { id: ids[1], level, start: middle, end: node.end, ...rest },
  ];
}

/** Histograms that are used again: no more are open than a tree is deep. */
interface Room {
  take(): Float64Array;
  give(histogram: Float64Array): void;
}

function createRoom({ bins: { nColumns } }: Growing): Room {
  const free: Float64Array[] = [];
  return {
    take: () => free.pop() ?? new Float64Array(nColumns * STRIDE),
    give: (histogram) => free.push(histogram),
  };
}

function fillHistogram(
  { bins: { bins, nColumns }, rows, residuals, weights, columns }: Growing,
  { start, end }: Node,
  histogram: Float64Array,
): void {
  for (const j of columns) histogram.fill(0, j * STRIDE, (j + 1) * STRIDE);
  const used = Int32Array.from(columns);
  for (let r = start; r < end; r++) {
    const i = rows[r]!;
    const weight = weights[i]!;
    const sum = weight * residuals[i]!;
    for (let c = 0; c < used.length; c++) {
      const j = used[c]!;
      const at = j * STRIDE + 2 * bins[i * nColumns + j]!;
      histogram[at]! += sum;
      histogram[at + 1]! += weight;
    }
  }
}

function bestSplit(
  { bins: { edges }, columns }: Growing,
  node: HistogramNode,
  shape: TreeShape,
): BinSplit | null {
  let best: BinSplit | null = null;
  let most = node.sum ** 2 / (node.weight + shape.shrinkage) + LEAST_GAIN;
  for (const j of columns) {
    const candidate = bestEdge(node, j, edges[j]!.length, shape);
    if (candidate === null || candidate.gain <= most) continue;
    most = candidate.gain;
    best = candidate;
  }
  return best;
}

/** The edge of a column that gains most. */
function bestEdge(
  { histogram, ...node }: HistogramNode,
  column: number,
  nEdges: number,
  { minWeight, shrinkage }: TreeShape,
): (BinSplit & { readonly gain: number }) | null {
  let [most, bin, bestSum, bestWeight] = [0, -1, 0, 0];
  let [sum, weight] = [0, 0];
  for (let b = 0, at = column * STRIDE; b < nEdges; b++, at += 2) {
    const binWeight = histogram[at + 1]!;
    if (binWeight === 0) continue;
    sum += histogram[at]!;
    weight += binWeight;
    if (weight < minWeight) continue;
    const restWeight = node.weight - weight;
    if (restWeight < minWeight) break;
    const rest = node.sum - sum;
    const gain = (sum * sum) / (weight + shrinkage) + (rest * rest) / (restWeight + shrinkage);
    if (gain <= most) continue;
    [most, bin, bestSum, bestWeight] = [gain, b, sum, weight];
  }
  return bin < 0 ? null : { column, bin, sum: bestSum, weight: bestWeight, gain: most };
}

/** The parent's histogram becomes that of the larger child. */
function withHistograms(
  growing: Growing,
  room: Room,
  histogram: Float64Array,
  [a, b]: readonly [Node, Node],
): readonly HistogramNode[] {
  const [small, large] = a.end - a.start < b.end - b.start ? [a, b] : [b, a];
  const recycled = room.take();
  fillHistogram(growing, small, recycled);
  for (const j of growing.columns) {
    for (let at = j * STRIDE; at < (j + 1) * STRIDE; at++) histogram[at]! -= recycled[at]!;
  }
  return [
    { ...large, histogram },
    { ...small, histogram: recycled },
  ];
}

function part(
  { bins: { bins, nColumns }, rows }: Growing,
  { start, end }: Node,
  { column, bin }: BinSplit,
): number {
  return partRows(rows, start, end, (i) => bins[i * nColumns + column]! <= bin);
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
