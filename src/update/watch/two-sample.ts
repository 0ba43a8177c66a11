/**
 * Do new inputs come from where the old ones came from? A sequential two-sample test by bins.
 *
 * A column's old values are cut into bins at some of its ordered values. Under "nothing changed"
 * the unknown shares of such bins have, exactly, a Dirichlet distribution with the bins' counts
 * (the gaps of order statistics, Wilks 1962), so that new values fall into them as balls from a
 * Pólya urn. The e-process is the odds of that urn against one that knows nothing but the new
 * values (Krichevsky & Trofimov 1981). Columns of a few values have the same as an approximation.
 */
import type { Matrix } from "../../shared/matrix.ts";
import { logMean } from "./e-process.ts";

/** Old values of one column: no rows, only how many lie where. */
export interface Bins {
  /** Ascending; value v is in the first bin whose edge is not below it, or in the last. */
  readonly edges: readonly number[];
  /** Old values of each bin. Shape (edges.length + 1,). */
  readonly counts: readonly number[];
}

export interface BinTest {
  readonly bins: Bins;
  /** New values of each bin. */
  readonly seen: readonly number[];
  /** ln of the odds. */
  readonly logOdds: number;
}

const N_BINS = 8;
/** What the knowing-nothing urn starts with in each bin. */
const PRIOR = 0.5;

/** Bins of about equal counts for each column. Shape (X.nColumns,). */
export function binColumns(X: Matrix): readonly Bins[] {
  return Array.from({ length: X.nColumns }, (_, j) => {
    const sorted = new Float32Array(X.nRows);
    for (let i = 0; i < X.nRows; i++) sorted[i] = X.values[i * X.nColumns + j]!;
    return binValues(sorted.sort());
  });
}

/** @param sorted - Ascending. */
export function binValues(sorted: Float32Array): Bins {
  const n = sorted.length;
  const places = Array.from({ length: N_BINS - 1 }, (_, b) => Math.floor(((b + 1) * n) / N_BINS));
  const edges = [...new Set(places.map((place) => sorted[place] ?? 0))].filter(
    (edge) => n > 0 && edge < sorted[n - 1]!,
  );
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of sorted) counts[binOf(edges, value)]! += 1;
  return { edges, counts };
}

export function startBinTest(bins: Bins): BinTest {
  return { bins, seen: bins.counts.map(() => 0), logOdds: 0 };
}

/** The test after more values, one after the other. */
export function observeBins(
  { bins, seen: before, logOdds }: BinTest,
  values: Float64Array,
): BinTest {
  const seen = [...before];
  let nSeen = seen.reduce((sum, n) => sum + n, 0);
  const nOld = bins.counts.reduce((sum, n) => sum + n, 0);
  // One gap more than values: it belongs to no bin in particular.
  const gaps = bins.counts.length;
  let odds = logOdds;
  for (const value of values) {
    const b = binOf(bins.edges, value);
    const same = (bins.counts[b]! + 1 / gaps + seen[b]!) / (nOld + 1 + nSeen);
    const other = (seen[b]! + PRIOR) / (nSeen + PRIOR * gaps);
    odds += Math.log(other / same);
    seen[b]! += 1;
    nSeen += 1;
  }
  return { bins, seen, logOdds: odds };
}

/** ln of the e-process of several columns together. */
export function logBinEvidence(tests: readonly BinTest[]): number {
  return logMean(tests.map(({ logOdds }) => logOdds));
}

function binOf(edges: readonly number[], value: number): number {
  const b = edges.findIndex((edge) => value <= edge);
  return b < 0 ? edges.length : b;
}
