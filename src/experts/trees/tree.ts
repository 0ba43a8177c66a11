/**
 * One regression tree, grown depth first on weighted residuals.
 *
 * A node owns a run of `rows`, which splits reorder in place. Splits are read from a histogram: for
 * each column and bin the sum of the residuals and of the weights, interleaved. If all nodes
 * use the same columns, the larger child's histogram is its parent's less the smaller child's.
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

export interface Growing {
  readonly bins: Bins;
  /** Rows to grow on; reordered. */
  readonly rows: Int32Array;
  /** Shape (nRows of all,). */
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  /** Columns that nodes may split by. */
  readonly columns: readonly number[];
  /** The columns of one node, if nodes differ: called once per node. */
  readonly columnsOfNode?: () => readonly number[];
}

export interface TreeShape {
  readonly depth: number;
  /** Weight of a leaf's rows at least. */
  readonly minWeight: number;
  /** Added to a leaf's weight, which shrinks the values of small leaves. */
  readonly shrinkage: number;
}

const LEAST_GAIN = 1e-7;
/** Numbers that a histogram keeps of a column. */
const STRIDE = 2 * MAX_BINS;

interface MutableTree {
  readonly features: number[];
  readonly thresholds: number[];
  readonly children: number[];
  readonly values: number[];
}

interface Node {
  readonly id: number;
  readonly level: number;
  /** Its rows: growing.rows from start to end. */
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  readonly weight: number;
  /** null if it is filled when the node is visited. */
  readonly histogram: Float64Array | null;
}

interface Split {
  readonly column: number;
  readonly bin: number;
  /** Of the first child. */
  readonly sum: number;
  readonly weight: number;
}

/** Modifies `growing.rows`. */
export function growTree(growing: Growing, shape: TreeShape): Tree {
  const tree: MutableTree = { features: [], thresholds: [], children: [], values: [] };
  const room = createRoom(growing);
  const open: Node[] = [rootOf(growing, addNode(tree))];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    tree.values[node.id] = node.weight > 0 ? node.sum / (node.weight + shape.shrinkage) : 0;
    const split = splitOf(growing, room, node, shape);
    if (split === null) continue;
    const { column, bin } = split.found;
    tree.features[node.id] = column;
    tree.thresholds[node.id] = growing.bins.edges[column]![bin]!;
    tree.children[node.id] = addNode(tree);
    const ids = [tree.children[node.id]!, addNode(tree)] as const;
    open.push(...childrenOf(growing, room, { node, ids, ...split }));
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

function rootOf({ rows, residuals, weights }: Growing, id: number): Node {
  let [sum, weight] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * residuals[i]!;
    weight += weights[i]!;
  }
  return { id, level: 0, start: 0, end: rows.length, sum, weight, histogram: null };
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

/** The node's best split and its histogram; null if it stays a leaf. */
function splitOf(
  growing: Growing,
  room: Room,
  node: Node,
  shape: TreeShape,
): { readonly found: Split; readonly histogram: Float64Array } | null {
  const histogram = node.histogram ?? room.take();
  const mayGrow = node.level < shape.depth && node.weight >= 2 * shape.minWeight;
  const columns = mayGrow ? (growing.columnsOfNode?.() ?? growing.columns) : [];
  if (mayGrow && node.histogram === null) fillHistogram(growing, node, columns, histogram);
  const split = mayGrow ? bestSplit(growing.bins, histogram, { node, columns, shape }) : null;
  if (split !== null) return { found: split, histogram };
  room.give(histogram);
  return null;
}

function fillHistogram(
  { bins: { bins, nColumns }, rows, residuals, weights }: Growing,
  { start, end }: Pick<Node, "start" | "end">,
  columns: readonly number[],
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

interface Asked {
  readonly node: Node;
  readonly columns: readonly number[];
  readonly shape: TreeShape;
}

function bestSplit({ edges }: Bins, histogram: Float64Array, asked: Asked): Split | null {
  const { node, columns, shape } = asked;
  const whole = node.sum ** 2 / (node.weight + shape.shrinkage);
  let best: Split | null = null;
  let most = whole + LEAST_GAIN;
  for (const j of columns) {
    const candidate = bestEdge(histogram, j, edges[j]!.length, asked);
    if (candidate === null || candidate.gain <= most) continue;
    most = candidate.gain;
    best = candidate;
  }
  return best;
}

/** The edge of a column that gains most. */
function bestEdge(
  histogram: Float64Array,
  column: number,
  nEdges: number,
  { node, shape: { minWeight, shrinkage } }: Asked,
): (Split & { readonly gain: number }) | null {
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

interface Parting {
  readonly node: Node;
  readonly ids: readonly [number, number];
  readonly found: Split;
  readonly histogram: Float64Array;
}

/** The children, with their rows separated, and with histograms if subtraction gives them. */
function childrenOf(
  growing: Growing,
  room: Room,
  { node, ids, found, histogram }: Parting,
): readonly Node[] {
  const middle = part(growing, node, found);
  const level = node.level + 1;
  const { sum, weight } = found;
  const [a, b] = [
    { id: ids[0], level, start: node.start, end: middle, sum, weight, histogram: null },
    {
      id: ids[1],
      level,
      start: middle,
      end: node.end,
      sum: node.sum - sum,
      weight: node.weight - weight,
      histogram: null,
    },
  ] as const;
  if (growing.columnsOfNode !== undefined) {
    room.give(histogram);
    return [a, b];
  }
  const [small, large] = a.end - a.start < b.end - b.start ? [a, b] : [b, a];
  const recycled = room.take();
  fillHistogram(growing, small, growing.columns, recycled);
  for (const j of growing.columns) {
    for (let at = j * STRIDE; at < (j + 1) * STRIDE; at++) histogram[at]! -= recycled[at]!;
  }
  return [
    { ...large, histogram },
    { ...small, histogram: recycled },
  ];
}

/** Brings the first child's rows to the front of the node's. @returns Where the second's begin. */
function part(
  { bins: { bins, nColumns }, rows }: Growing,
  { start, end }: Node,
  { column, bin }: Split,
): number {
  let [low, high] = [start, end - 1];
  while (low <= high) {
    const i = rows[low]!;
    if (bins[i * nColumns + column]! <= bin) {
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
