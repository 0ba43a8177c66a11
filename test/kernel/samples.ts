/** Random samples and nets for the kernel's and the engines' tests. */
import type { Loss, Net, NetShape } from "../../src/experts/index.ts";
import { initNet } from "../../src/experts/index.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

export interface Drawn {
  readonly net: Net;
  readonly X: Matrix;
  /** Distributions if the loss is cross-entropy. Shape (nRows, nOutputs). */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
}

export function drawSamples(
  shape: NetShape,
  { nRows, loss, seed }: { readonly nRows: number; readonly loss: Loss; readonly seed: number },
): Drawn {
  const rng = createRng(seed);
  const nOutputs = shape.sizes.at(-1)!;
  const targets = normals(nRows * nOutputs, rng);
  if (loss === "cross-entropy") makeDistributions(targets, nOutputs);
  return {
    net: drawNet(shape, rng),
    X: drawMatrix(nRows, shape.sizes[0]!, rng),
    targets,
    weights: Float32Array.from({ length: nRows }, () => 0.5 + rng.uniform()),
  };
}

/** A net none of whose parameters is 0: fresh biases are, which would hide mistakes. */
export function drawNet(shape: NetShape, rng: Rng): Net {
  const net = initNet(shape, rng);
  return { ...net, parameters: net.parameters.map((p) => p + 0.1 * rng.normal()) };
}

export function drawMatrix(nRows: number, nColumns: number, rng: Rng): Matrix {
  return { values: normals(nRows * nColumns, rng), nRows, nColumns };
}

export function normals(length: number, rng: Rng): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

/** Modifies `values`: each row becomes positive and sums to 1. */
function makeDistributions(values: Float32Array, nColumns: number): void {
  for (let start = 0; start < values.length; start += nColumns) {
    const row = values.subarray(start, start + nColumns);
    const total = row.reduce((sum, value) => sum + Math.abs(value), 0);
    for (let j = 0; j < nColumns; j++) row[j] = Math.abs(row[j]!) / total;
  }
}

/** The largest difference of two arrays, beside the largest value of either. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 1e-30;
  for (let p = 0; p < Math.max(a.length, b.length); p++) {
    difference = Math.max(difference, Math.abs(a[p]! - b[p]!));
    size = Math.max(size, Math.abs(a[p]!), Math.abs(b[p]!));
    if (Number.isNaN(a[p]! - b[p]!)) return Number.NaN;
  }
  return difference / size;
}
