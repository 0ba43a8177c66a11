/**
 * Starts from a mixture of K normals with full covariances on (x, y), by EM from k-means++ centres
 * (Arthur & Vassilvitskii 2007): it separates rows whose law is steep, or far from the other laws.
 */
import type { Samples } from "../../experts/index.ts";
import { factor, solveLower } from "../../shared/cholesky.ts";
import type { Rng } from "../../shared/rng.ts";

const STARTS = 4;
const ITERATIONS = 60;
/** EM ends where a row gains less log likelihood than this. */
const LEAST_GAIN = 1e-4;
const FIRST_VARIANCE = 0.3;
/** Added to every variance. */
const REGULARISATION = 1e-3;

/** Points (x, y) of all samples, shape (nSamples, d). */
interface Points {
  readonly values: Float64Array;
  readonly d: number;
}

interface Component {
  readonly mean: Float64Array;
  /** Cholesky factor of the covariance. Shape (d, d). */
  readonly factor: Float64Array;
  /** log of its weight less half the log determinant. */
  readonly constant: number;
}

/**
 * The likeliest component of every sample.
 *
 * @param rows - The rows that the mixture is fitted to.
 */
export function gaussianMixtureLabels(
  samples: Pick<Samples, "X" | "y">,
  rows: Int32Array,
  nComponents: number,
  rng: Rng,
): Int32Array {
  const points = pointsOf(samples);
  let best: { components: readonly Component[]; likelihood: number } | null = null;
  for (let start = 0; start < STARTS; start++) {
    const fitted = fitOnce(points, rows, nComponents, rng);
    if (best === null || fitted.likelihood > best.likelihood) best = fitted;
  }
  const { components } = best!;
  const room = new Float64Array(points.d);
  return Int32Array.from(samples.y, (_, i) => {
    const logs = components.map((component) => logDensity(points, i, component, room));
    return logs.indexOf(Math.max(...logs));
  });
}

function pointsOf({ X, y }: Pick<Samples, "X" | "y">): Points {
  const d = X.nColumns + 1;
  const values = new Float64Array(y.length * d);
  for (let i = 0; i < y.length; i++) {
    values.set(X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns), i * d);
    values[i * d + d - 1] = y[i]!;
  }
  return { values, d };
}

function fitOnce(
  points: Points,
  rows: Int32Array,
  nComponents: number,
  rng: Rng,
): { readonly components: readonly Component[]; readonly likelihood: number } {
  let components = firstComponents(points, rows, nComponents, rng);
  let likelihood = Number.NEGATIVE_INFINITY;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const expected = expectRows(points, rows, components);
    const gain = expected.likelihood - likelihood;
    likelihood = expected.likelihood;
    if (gain < LEAST_GAIN * rows.length) break;
    components = components.map((_, k) =>
      componentOf(points, rows, { shares: expected.shares, nComponents, k }),
    );
  }
  return { components, likelihood };
}

/** Normals of equal size around rows that are far apart. */
function firstComponents(
  { values, d }: Points,
  rows: Int32Array,
  nComponents: number,
  rng: Rng,
): readonly Component[] {
  const centres = [rows[rng.int(rows.length)]!];
  const distances = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  while (centres.length < nComponents) {
    const centre = centres.at(-1)!;
    let total = 0;
    rows.forEach((i, place) => {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (values[i * d + j]! - values[centre * d + j]!) ** 2;
      distances[place] = Math.min(distances[place]!, distance);
      total += distances[place]!;
    });
    let left = rng.uniform() * total;
    let place = 0;
    while (place < rows.length - 1 && left > distances[place]!) left -= distances[place++]!;
    centres.push(rows[place]!);
  }
  return centres.map((i) => {
    const covariance = new Float64Array(d * d);
    for (let j = 0; j < d; j++) covariance[j * d + j] = FIRST_VARIANCE;
    const mean = values.slice(i * d, (i + 1) * d);
    return componentWith(mean, covariance, 1 / nComponents);
  });
}

/** Factors the covariance. Modifies `covariance`. */
function componentWith(mean: Float64Array, covariance: Float64Array, weight: number): Component {
  const d = mean.length;
  factor(covariance, d);
  let constant = Math.log(weight + 1e-12);
  for (let j = 0; j < d; j++) constant -= Math.log(covariance[j * d + j]!);
  return { mean, factor: covariance, constant };
}

/** Modifies `room`, shape (d,). */
function logDensity(
  { values, d }: Points,
  i: number,
  { mean, factor: L, constant }: Component,
  room: Float64Array,
): number {
  for (let j = 0; j < d; j++) room[j] = values[i * d + j]! - mean[j]!;
  solveLower(L, d, room);
  let squares = 0;
  for (let j = 0; j < d; j++) squares += room[j]! ** 2;
  return constant - 0.5 * squares;
}

/** The responsibilities for each row, shape (rows.length, nComponents). */
function expectRows(
  points: Points,
  rows: Int32Array,
  components: readonly Component[],
): { readonly shares: Float64Array; readonly likelihood: number } {
  const nComponents = components.length;
  const shares = new Float64Array(rows.length * nComponents);
  const room = new Float64Array(points.d);
  let likelihood = 0;
  rows.forEach((i, place) => {
    const rowShares = shares.subarray(place * nComponents, (place + 1) * nComponents);
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < nComponents; k++) {
      rowShares[k] = logDensity(points, i, components[k]!, room);
      if (rowShares[k]! > largest) largest = rowShares[k]!;
    }
    let total = 0;
    for (let k = 0; k < nComponents; k++) {
      rowShares[k] = Math.exp(rowShares[k]! - largest);
      total += rowShares[k]!;
    }
    for (let k = 0; k < nComponents; k++) rowShares[k]! /= total;
    likelihood += largest + Math.log(total);
  });
  return { shares, likelihood };
}

interface Responsible {
  readonly shares: Float64Array;
  readonly nComponents: number;
  readonly k: number;
}

/** Component k with the highest likelihood, given the responsibilities. */
function componentOf(
  { values, d }: Points,
  rows: Int32Array,
  { shares, nComponents, k }: Responsible,
): Component {
  const mean = new Float64Array(d);
  const covariance = new Float64Array(d * d);
  let total = 1e-9;
  rows.forEach((i, place) => {
    const share = shares[place * nComponents + k]!;
    total += share;
    for (let j = 0; j < d; j++) mean[j]! += share * values[i * d + j]!;
  });
  for (let j = 0; j < d; j++) mean[j]! /= total;
  rows.forEach((i, place) => {
    const share = shares[place * nComponents + k]!;
    if (share < 1e-4) return;
    for (let a = 0; a < d; a++) {
      const off = share * (values[i * d + a]! - mean[a]!);
      for (let b = 0; b <= a; b++) covariance[a * d + b]! += off * (values[i * d + b]! - mean[b]!);
    }
  });
  for (let e = 0; e < covariance.length; e++) covariance[e]! /= total;
  for (let j = 0; j < d; j++) covariance[j * d + j]! += REGULARISATION;
  return componentWith(mean, covariance, total / rows.length);
}
