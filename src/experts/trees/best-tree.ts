/**
 * One tree whose nodes split where most is gained.
 *
 * Splits are read from a histogram: for each column and bin the sum of the residuals and of the
 * weights, interleaved. The larger child's histogram is its parent's less the smaller child's.
 */
import { type Bins, MAX_BINS } from "./bins.ts";
import {
  addChildren,
  type Grown,
  LEAST_GAIN,
  mayGrow,
  type Node,
  partRows,
  plantTree,
  type Split,
  type Targets,
  type TreeShape,
} from "./tree.ts";

export interface BestGrowing extends Targets {
  readonly bins: Bins;
  /** Columns that nodes may split by. */
  readonly columns: readonly number[];
}

/** Numbers that a histogram keeps of a column. */
const STRIDE = 2 * MAX_BINS;

interface HistogramNode extends Node {
  readonly histogram: Float64Array;
}

interface BinSplit extends Split {
  /** The bin below the threshold. */
  readonly bin: number;
}

/** Modifies `growing.rows`. */
export function growBestTree(growing: BestGrowing, shape: TreeShape): Grown {
  const { tree, root } = plantTree(growing, shape);
  const room = createRoom(growing);
  const histogram = room.take();
  fillHistogram(growing, root, histogram);
  const open: HistogramNode[] = [{ ...root, histogram }];
  const leaves: Node[] = [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const split = mayGrow(node, shape) ? bestSplit(growing, node, shape) : null;
    if (split === null) {
      room.give(node.histogram);
      leaves.push(node);
      continue;
    }
    const children = addChildren(tree, node, { split, middle: part(growing, node, split), shape });
    if (children.some((child) => mayGrow(child, shape))) {
      open.push(...withHistograms(growing, room, node.histogram, children));
    } else {
      room.give(node.histogram);
      leaves.push(...children);
    }
  }
  return { tree, leaves };
}

/** Histograms that are used again: no more are open than a tree is deep. */
interface Room {
  take(): Float64Array;
  give(histogram: Float64Array): void;
}

function createRoom({ bins: { nColumns } }: BestGrowing): Room {
  const free: Float64Array[] = [];
  return {
    take: () => free.pop() ?? new Float64Array(nColumns * STRIDE),
    give: (histogram) => free.push(histogram),
  };
}

function fillHistogram(
  { bins: { bins, edges, nColumns }, rows, residuals, weights, columns }: BestGrowing,
  { start, end }: Node,
  histogram: Float64Array,
): void {
  for (const j of columns) histogram.fill(0, j * STRIDE, endOf(edges, j));
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

/** Where the numbers of a column end in a histogram: a column of few values has few bins. */
function endOf(edges: Bins["edges"], column: number): number {
  return column * STRIDE + 2 * (edges[column]!.length + 1);
}

function bestSplit(
  { bins: { edges }, columns }: BestGrowing,
  node: HistogramNode,
  shape: TreeShape,
): BinSplit | null {
  let best: BinSplit | null = null;
  let most = node.sum ** 2 / (node.weight + shape.shrinkage) + LEAST_GAIN;
  for (const j of columns) {
    const candidate = bestEdge(node, j, edges[j]!, shape);
    if (candidate === null || candidate.gain <= most) continue;
    most = candidate.gain;
    best = candidate;
  }
  return best;
}

/** The edge of a column that gains most. */
function bestEdge(
  node: HistogramNode,
  column: number,
  edges: Float32Array,
  { minWeight, shrinkage }: TreeShape,
): (BinSplit & { readonly gain: number }) | null {
  const { histogram } = node;
  let [most, bin, bestSum, bestWeight] = [0, -1, 0, 0];
  let [sum, weight] = [0, 0];
  for (let b = 0, at = column * STRIDE; b < edges.length; b++, at += 2) {
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
  if (bin < 0) return null;
  const threshold = edges[bin]!;
  return { column, bin, threshold, sum: bestSum, weight: bestWeight, gain: most };
}

/** The parent's histogram becomes that of the larger child. */
function withHistograms(
  growing: BestGrowing,
  room: Room,
  histogram: Float64Array,
  [a, b]: readonly [Node, Node],
): readonly HistogramNode[] {
  const [small, large] = a.end - a.start < b.end - b.start ? [a, b] : [b, a];
  const recycled = room.take();
  fillHistogram(growing, small, recycled);
  for (const j of growing.columns) {
    const end = endOf(growing.bins.edges, j);
    for (let at = j * STRIDE; at < end; at++) histogram[at]! -= recycled[at]!;
  }
  return [
    { ...large, histogram },
    { ...small, histogram: recycled },
  ];
}

function part(
  { bins: { bins, nColumns }, rows }: BestGrowing,
  { start, end }: Node,
  { column, bin }: BinSplit,
): number {
  return partRows(rows, start, end, (i) => bins[i * nColumns + column]! <= bin);
}
