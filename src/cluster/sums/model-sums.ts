/** Sums over rows in standardised units: what experts and a gate are trained and judged by. */
import {
  annealedResponsibilities,
  gateConsistentCosts,
  squaredErrors,
} from "../../competition/index.ts";
import {
  countRidgeSums,
  type Net,
  type NetGradients,
  type NetPredictor,
  ridgeSums,
} from "../../experts/index.ts";
import { gateScores, topExperts } from "../../gate/index.ts";
import { predictMixture, standardRange } from "../../mixture/index.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import {
  answerLength,
  ERROR_BINS,
  ERROR_POWERS,
  type ErrorsQuery,
  type GradientQuery,
  gradientLayout,
  type LossesQuery,
  nRegimes,
  type RidgeQuery,
} from "./query.ts";
import { drawRows, type PreparedRows, rowNumbers } from "./rows.ts";

/** A sum over fewer rows would say too much of one of them. */
export const LEAST_ROWS = 10;
/** Ends of the histogram of absolute errors, in standardised units; larger errors count as this. */
const [LEAST_ERROR, MOST_ERROR] = [1e-5, 30];

/** For each regime: whether it has rows enough here, and what its ridge is solved from. */
export function ridgeRegimeSums(
  engine: NetPredictor,
  rows: PreparedRows,
  { degree, gate }: RidgeQuery,
): Float64Array {
  const { X, y } = rows;
  const n = nRegimes(gate);
  const regimes = regimesOf(engine, gate, X);
  const size = 1 + countRidgeSums({ nFeatures: X.nColumns, degree });
  const sums = new Float64Array(n * size);
  for (let k = 0; k < n; k++) {
    const weights = Float32Array.from(regimes, (own) => (own === k ? 1 : 0));
    const own = ridgeSums({ X, y, weights }, degree);
    sums[k * size] = own[0]! >= LEAST_ROWS ? 1 : 0;
    sums.set(own, k * size + 1);
  }
  return sums;
}

function regimesOf(engine: NetPredictor, gate: Net | null, X: Matrix): Int32Array {
  if (gate === null) return new Int32Array(X.nRows);
  return topExperts(gateScores(engine, { kind: "softmax", net: gate }, X), nRegimes(gate));
}

/** @param rows - Of the query's side. */
export function gradientSums(
  engine: NetGradients,
  rows: PreparedRows,
  query: GradientQuery,
): Float64Array {
  const layout = gradientLayout(query);
  const sums = new Float64Array(layout.length);
  const drawn = drawRows(rows, query.draw, query.seed);
  const { X, y } = drawn;
  if (X.nRows === 0) return sums;
  sums[0] = X.nRows;
  const { experts, gate } = query;
  const nExperts = experts.length;
  const errors = squaredErrors(
    experts.map((net) => engine.predict(net, X)),
    y,
  );
  const shares = responsibilities(engine, drawn, errors, query);
  experts.forEach((net, k) => {
    const { weight, from } = layout.experts[k]!;
    const weights = new Float32Array(X.nRows);
    for (let i = 0; i < X.nRows; i++) {
      weights[i] = shares[i * nExperts + k]!;
      sums[weight]! += weights[i]!;
      // A diverged expert has no rows of its own.
      if (weights[i]! > 0) sums[weight + 1]! += weights[i]! * errors[i * nExperts + k]!;
    }
    const own = weighedRows(drawn, weights);
    engine.addGradient(net, own, sums.subarray(from, from + net.parameters.length));
  });
  if (gate !== null) {
    const at = { X, loss: "cross-entropy", targets: shares, weights: null } as const;
    engine.addGradient(gate, at, sums.subarray(layout.gate));
  }
  return sums;
}

/** The rows that have a weight. */
function weighedRows({ X, y }: PreparedRows, weights: Float32Array) {
  const rows = Int32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  return {
    X: takeRows(X, rows),
    loss: "squared-error" as const,
    targets: Float32Array.from(rows, (i) => y[i]!),
    weights: Float32Array.from(rows, (i) => weights[i]!),
  };
}

/** Shape (nRows, nExperts). */
function responsibilities(
  engine: NetPredictor,
  rows: PreparedRows,
  errors: Float64Array,
  { experts, gate, labels, seed }: GradientQuery,
): Float32Array {
  const nExperts = experts.length;
  if (gate === null) return new Float32Array(errors.length).fill(1);
  if (labels.by === "chance") {
    const shares = new Float32Array(errors.length);
    rowNumbers(rows, nExperts, seed).forEach((k, i) => {
      shares[i * nExperts + k] = 1;
    });
    return shares;
  }
  const scores = gateScores(engine, { kind: "softmax", net: gate }, rows.X);
  const costs = gateConsistentCosts(errors, scores, { noise: labels.noise, consistency: 1 });
  return annealedResponsibilities(costs, nExperts, labels.temperature);
}

/** Rows, the targets and their squares; each model's loss, and products of losses. */
export function lossSums(
  engine: NetPredictor,
  { X, y }: PreparedRows,
  query: LossesQuery,
): Float64Array {
  const { mixtures, preprocessing } = query;
  const range = standardRange(preprocessing.target);
  const losses = mixtures.map((mixture) => {
    const { values } = predictMixture(engine, mixture, X, range);
    return values.map((value, i) => boundedError(value, y[i]!) ** 2);
  });
  const sums = new Float64Array(answerLength(query));
  sums[0] = y.length;
  for (const target of y) {
    sums[1]! += target;
    sums[2]! += target * target;
  }
  let at = 3;
  for (const own of losses) sums[at++] = own.reduce((sum, loss) => sum + loss, 0);
  losses.forEach((first, a) => {
    for (const second of losses.slice(a)) {
      sums[at++] = first.reduce((sum, loss, i) => sum + loss * second[i]!, 0);
    }
  });
  return sums;
}

/** For each regime: its rows, powers of answers less targets, and a histogram of their sizes. */
export function errorSums(
  engine: NetPredictor,
  { X, y }: PreparedRows,
  query: ErrorsQuery,
): Float64Array {
  const { mixture, preprocessing } = query;
  const range = standardRange(preprocessing.target);
  const { values, route } = predictMixture(engine, mixture, X, range);
  const sums = new Float64Array(answerLength(query));
  const size = ERROR_POWERS + ERROR_BINS;
  values.forEach((value, i) => {
    const at = route.experts[i]! * size;
    const error = boundedError(value, y[i]!);
    sums[at]! += 1;
    sums[at + 1]! += error;
    sums[at + 2]! += Math.abs(error);
    sums[at + 3]! += error ** 2;
    sums[at + 4]! += error ** 4;
    sums[at + ERROR_POWERS + errorBin(Math.abs(error))]! += 1;
  });
  return sums;
}

function boundedError(answer: number, target: number): number {
  return Math.max(-MOST_ERROR, Math.min(MOST_ERROR, answer - target));
}

function errorBin(size: number): number {
  const share = Math.log(Math.max(size, LEAST_ERROR) / LEAST_ERROR);
  const place = Math.ceil((ERROR_BINS * share) / Math.log(MOST_ERROR / LEAST_ERROR)) - 1;
  return Math.min(ERROR_BINS - 1, Math.max(0, place));
}

/** The largest error of a bin. */
export function errorOfBin(bin: number): number {
  return LEAST_ERROR * (MOST_ERROR / LEAST_ERROR) ** ((bin + 1) / ERROR_BINS);
}
