/** Inputs cut into bins, so that a split is searched among a few edges, not among all rows. */
import type { Matrix } from "../../shared/matrix.ts";

export interface Bins {
  /** Ascending, by column: a value up to edge b and above edge b − 1 is in bin b. */
  readonly edges: readonly Float32Array[];
  /** Each row's bin, shape (nRows, nColumns). */
  readonly bins: Uint8Array;
  readonly nColumns: number;
}

export const MAX_BINS = 255;

export function binColumns({ values, nRows, nColumns }: Matrix): Bins {
  const bins = new Uint8Array(nRows * nColumns);
  const edges = Array.from({ length: nColumns }, (_, j) => {
    const column = Float32Array.from({ length: nRows }, (_own, i) => values[i * nColumns + j]!);
    const columnEdges = edgesOf(column);
    column.forEach((value, i) => {
      bins[i * nColumns + j] = binOf(columnEdges, value);
    });
    return columnEdges;
  });
  return { edges, bins, nColumns };
}

/** Between different values; where they are many, between quantiles. */
function edgesOf(column: Float32Array): Float32Array {
  const sorted = column.slice().sort();
  const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const edges: number[] = [];
  const between = (low: number, high: number): void => {
    const middle = Math.fround(low + (high - low) / 2);
    // Rounded up to the higher value, an edge would not separate the two.
    const edge = middle >= high ? low : middle;
    if (edges.length === 0 || edge > edges.at(-1)!) edges.push(edge);
  };
  if (different.length <= MAX_BINS) {
    for (let i = 1; i < different.length; i++) between(different[i - 1]!, different[i]!);
    return Float32Array.from(edges);
  }
  for (let b = 1; b < MAX_BINS; b++) {
    const low = sorted[Math.floor((b * sorted.length) / MAX_BINS)]!;
    const next = sorted[upperBound(sorted, low)];
    if (next !== undefined) between(low, next);
  }
  return Float32Array.from(edges);
}

/** The number of edges below the value. */
function binOf(edges: Float32Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function upperBound(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
