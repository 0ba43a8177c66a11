/** One regression tree, grown level by level on weighted residuals. */
import { type Bins, MAX_BINS } from "./bins.ts";

/** Nodes by number, the root first; a node's children are `children` and the one after. */
export interface Tree {
  /** The input that is looked at; −1 in a leaf. */
  readonly features: readonly number[];
  /** Up to it to the first child, above to the second. */
  readonly thresholds: readonly number[];
  readonly children: readonly number[];
  readonly values: number[];
}

export interface Growing {
  readonly bins: Bins;
  readonly rows: Int32Array;
  /** Shape (nRows of all,). */
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  /** Columns that a node may split by. */
  readonly columns: () => readonly number[];
}

export interface TreeShape {
  readonly depth: number;
  /** Rows of a leaf at least. */
  readonly minRows: number;
  /** Added to a leaf's weight: what few rows say is believed less. */
  readonly shrinkage: number;
}

const LEAST_GAIN = 1e-7;

interface Front {
  readonly node: number;
  readonly rows: Int32Array;
}

interface MutableTree {
  readonly features: number[];
  readonly thresholds: number[];
  readonly children: number[];
  readonly values: number[];
}

export function growTree(growing: Growing, shape: TreeShape): Tree {
  const { depth, minRows, shrinkage } = shape;
  const tree: MutableTree = { features: [], thresholds: [], children: [], values: [] };
  let front: Front[] = [{ node: addNode(tree), rows: growing.rows }];
  for (let level = 0; level <= depth; level++) {
    const next: Front[] = [];
    for (const { node, rows } of front) {
      const totals = totalsOf(growing, rows);
      tree.values[node] = totals.sum / (totals.weight + shrinkage);
      if (level === depth || rows.length < 2 * minRows) continue;
      const split = bestSplit(growing, rows, totals, shape);
      if (split === null) continue;
      const { column, bin } = split;
      const [left, right] = part(growing.bins, rows, column, bin);
      tree.features[node] = column;
      tree.thresholds[node] = growing.bins.edges[column]![bin]!;
      tree.children[node] = addNode(tree);
      next.push({ node: tree.children[node]!, rows: left });
      next.push({ node: addNode(tree), rows: right });
    }
    front = next;
  }
  return tree;
}

function addNode({ features, thresholds, children, values }: MutableTree): number {
  features.push(-1);
  thresholds.push(0);
  children.push(0);
  values.push(0);
  return features.length - 1;
}

interface Totals {
  readonly sum: number;
  readonly weight: number;
}

function totalsOf({ residuals, weights }: Growing, rows: Int32Array): Totals {
  let [sum, weight] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * residuals[i]!;
    weight += weights[i]!;
  }
  return { sum, weight };
}

const sums = new Float64Array(MAX_BINS);
const masses = new Float64Array(MAX_BINS);
const counts = new Int32Array(MAX_BINS);

function bestSplit(
  growing: Growing,
  rows: Int32Array,
  totals: Totals,
  { minRows, shrinkage }: TreeShape,
): { readonly column: number; readonly bin: number } | null {
  let [best, column, bin] = [LEAST_GAIN, -1, 0];
  const whole = totals.sum ** 2 / (totals.weight + shrinkage);
  for (const j of growing.columns()) {
    fillHistogram(growing, rows, j);
    const nEdges = growing.bins.edges[j]!.length;
    let [sum, weight, count] = [0, 0, 0];
    for (let b = 0; b < nEdges; b++) {
      sum += sums[b]!;
      weight += masses[b]!;
      count += counts[b]!;
      if (count < minRows || rows.length - count < minRows) continue;
      const rest = totals.sum - sum;
      const gain =
        sum ** 2 / (weight + shrinkage) + rest ** 2 / (totals.weight - weight + shrinkage) - whole;
      if (gain > best) [best, column, bin] = [gain, j, b];
    }
  }
  return column < 0 ? null : { column, bin };
}

function fillHistogram(
  { bins: { bins, nColumns }, residuals, weights }: Growing,
  rows: Int32Array,
  j: number,
): void {
  sums.fill(0);
  masses.fill(0);
  counts.fill(0);
  for (const i of rows) {
    const b = bins[i * nColumns + j]!;
    sums[b]! += weights[i]! * residuals[i]!;
    masses[b]! += weights[i]!;
    counts[b]! += 1;
  }
}

function part(
  { bins, nColumns }: Bins,
  rows: Int32Array,
  column: number,
  bin: number,
): readonly [Int32Array, Int32Array] {
  const isLeft = (i: number): boolean => bins[i * nColumns + column]! <= bin;
  return [rows.filter(isLeft), rows.filter((i) => !isLeft(i))];
}

/** What the tree says of the row that begins at `start`. */
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
