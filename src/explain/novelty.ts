/**
 * Learns what the rows of a regime look like, to detect novel rows.
 *
 * The rows are whitened by their shrunk covariance, so that distances follow their spread and
 * correlations; k-means then covers them with balls, which follow curved, divided and hollow
 * regimes. With many inputs, a ball hardly reacts to one input that is far out, so each input's
 * range is kept too. The scores of held-out rows, in folds, scale both, so that together they call
 * 1 in 100 novel (conformal quantiles, Vovk 2015); with few rows, the largest score replaces the
 * quantile.
 */
import { kmeans } from "ml-kmeans";
import { kFold } from "../data/index.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { NoveltyParameters } from "./explanation.ts";
import { ballScore, rangeScore, whitenRow } from "./novelty-score.ts";
import { sampleOf } from "./numbers.ts";
import { whiteningOf } from "./whitening.ts";

const MAX_ROWS = 1500;
const MAX_CENTROIDS = 16;
const ROWS_PER_CENTROID = 20;
const MAX_TURNS = 15;
const FOLDS = 3;
/** Shares of held-out rows that balls and ranges may call novel: together 1 %. */
const NOVEL_BY_BALLS = 0.0075;
const NOVEL_BY_RANGES = 0.0025;
/** The least radius, in whitened units, for regimes whose rows are all equal. */
const MIN_RADIUS = 0.05;
/** A ball's spread is computed as if it had this many more rows of the average spread. */
const POOLED_ROWS = 5;
/** Least half range of an input, in standard deviations of all rows. */
const MIN_HALF_RANGE = 0.1;
/** An input may leave its range by this share of half the range. */
const MIN_SLACK = 0.1;
const SEED = 1;

/**
 * @param X - All rows, preprocessed.
 * @param rows - The regime's.
 */
export function fitNovelty(X: Matrix, rows: Int32Array): NoveltyParameters {
  const sampled = takeRows(X, sampleOf(rows, MAX_ROWS));
  const cover = coverRows(sampled);
  const { balls, ranges } = heldOutScores(sampled);
  const growth = Math.max(1, conformalQuantile(balls, NOVEL_BY_BALLS));
  const leave = Math.max(MIN_SLACK, conformalQuantile(ranges, NOVEL_BY_RANGES));
  return {
    ...cover,
    radii: cover.radii.map((radius) => radius * growth),
    slack: cover.slack.map((half) => half * leave),
  };
}

/** Balls with their rows' spread as radii, and ranges with half of their widths as slacks. */
function coverRows(X: Matrix): NoveltyParameters {
  const { nColumns: nFeatures } = X;
  const whitening = whiteningOf(X);
  return { nFeatures, whitening, ...placeBalls(X, whitening), ...measureRanges(X) };
}

function placeBalls(
  { values, nRows, nColumns }: Matrix,
  whitening: Float32Array,
): Pick<NoveltyParameters, "centroids" | "radii"> {
  if (nRows === 0) return { centroids: new Float32Array(0), radii: new Float32Array(0) };
  const point = new Float64Array(nColumns);
  const points = Array.from({ length: nRows }, (_, i) => {
    whitenRow(whitening, values, i * nColumns, point);
    return [...point];
  });
  const wanted = Math.min(MAX_CENTROIDS, Math.floor(nRows / ROWS_PER_CENTROID));
  const nCentroids = Math.max(1, Math.min(wanted, new Set(points.map(String)).size));
  const { clusters, centroids } = kmeans(points, nCentroids, {
    seed: SEED,
    initialization: "kmeans++",
    maxIterations: MAX_TURNS,
  });
  const squares = new Float64Array(nCentroids);
  const sizes = new Float64Array(nCentroids);
  points.forEach((own, i) => {
    const c = clusters[i]!;
    sizes[c]! += 1;
    squares[c]! += own.reduce((sum, value, j) => sum + (value - centroids[c]![j]!) ** 2, 0);
  });
  const pooled = squares.reduce((sum, square) => sum + square, 0) / nRows;
  const radii = Float32Array.from(squares, (square, c) => {
    const variance = (square + POOLED_ROWS * pooled) / (sizes[c]! + POOLED_ROWS);
    return Math.max(MIN_RADIUS, Math.sqrt(variance));
  });
  return { centroids: Float32Array.from(centroids.flat()), radii };
}

function measureRanges({
  values,
  nRows,
  nColumns,
}: Matrix): Pick<NoveltyParameters, "least" | "most" | "slack"> {
  const least = new Float32Array(nColumns).fill(nRows === 0 ? 0 : Number.POSITIVE_INFINITY);
  const most = least.map((value) => -value);
  values.forEach((value, at) => {
    const j = at % nColumns;
    least[j] = Math.min(least[j]!, value);
    most[j] = Math.max(most[j]!, value);
  });
  const slack = least.map((low, j) => Math.max(MIN_HALF_RANGE, (most[j]! - low) / 2));
  return { least, most, slack };
}

/** The scores of held-out rows, by parameters from the other rows. */
function heldOutScores(X: Matrix): { balls: number[]; ranges: number[] } {
  if (X.nRows < 2) return { balls: [], ranges: [] };
  const folds = kFold(X.nRows, { folds: Math.min(FOLDS, X.nRows), seed: SEED });
  const scores = folds.flatMap(({ train, test }) => {
    const cover = coverRows(takeRows(X, train));
    const [ball, range] = [ballScore(cover), rangeScore(cover)];
    return Array.from(test, (i) => ({
      ball: ball(X.values, i * X.nColumns),
      range: range(X.values, i * X.nColumns),
    }));
  });
  return { balls: scores.map(({ ball }) => ball), ranges: scores.map(({ range }) => range) };
}

/** The score that at most `share` of new scores exceed; the largest of few; 0 without scores. */
function conformalQuantile(scores: readonly number[], share: number): number {
  if (scores.length === 0) return 0;
  const ascending = Float64Array.from(scores).sort();
  const rank = Math.ceil((scores.length + 1) * (1 - share));
  return ascending[Math.min(rank, scores.length) - 1]!;
}
