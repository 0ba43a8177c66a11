/**
 * The starts of climbs: for each number of experts, the labels of a model tree, of a mixture of
 * normals on (x, y) and of a mixture of lines, and random starts. Nets are laws for most,
 * lines for some: where rows are few, or regimes differ by their slopes, a line is the better law.
 */
import type { Samples } from "../../experts/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import { gaussianMixtureLabels, lineMixtureLabels, modelTreeLabels } from "../starts/index.ts";
import { climb, climbFromLabels } from "./climb.ts";
import type { Climbed, Start } from "./climber.ts";
import type { Laws } from "./laws.ts";

/** A start and, unless it is random, the labels of all samples that it begins with. */
export interface SearchStart extends Start {
  readonly labels: Int32Array | null;
}

export interface StartOptions {
  readonly seed: number;
  /** Numbers of experts, ascending. */
  readonly sizes: readonly number[];
  /** Random starts for each. */
  readonly restarts: number;
}

/** Most rows on which starts are computed. */
const MAX_ROWS = 2000;
/** Cells (rows × inputs) that they may cost: with many inputs, on fewer rows. */
const MAX_CELLS = 40_000;
const LEAST_ROWS = 1000;
/** With more experts than this, random starts do not work. */
const MOST_RANDOM = 4;
/** A tree's laws are quadratic with up to this many inputs, and this many rows a term. */
const MAX_QUADRATIC_INPUTS = 6;
const ROWS_A_TERM = 10;

/** @param train - The samples that climbs train on. */
export function startsOf(
  samples: Samples,
  train: Int32Array,
  options: StartOptions,
): readonly SearchStart[] {
  const { seed, sizes, restarts } = options;
  const rows = someRows(train, samples.X.nColumns, seed);
  const sizesOfParts = sizes.filter((size) => size > 1);
  const trees = treeLabels(samples, rows, sizesOfParts);
  return sizes.flatMap((nExperts) => {
    const start = (name: string, laws: Laws, labels: Int32Array | null): SearchStart => {
      const startSeed = childSeed(seed, `regimes ${nExperts} ${name} ${laws}`);
      return { nExperts, laws, seed: startSeed, rows: train, labels };
    };
    const both = (name: string, labels: Int32Array) => [
      start(name, "nets", labels),
      start(name, "lines", labels),
    ];
    if (nExperts === 1) return both("one", new Int32Array(samples.y.length));
    const rng = createRng(childSeed(seed, `starts ${nExperts}`));
    const tree = trees.get(nExperts);
    const nRandom = nExperts > MOST_RANDOM ? 0 : restarts;
    return [
      ...(tree === undefined ? [] : both("tree", tree)),
      start("normals", "nets", gaussianMixtureLabels(samples, rows, nExperts, rng)),
      ...both("lines", lineMixtureLabels(samples, rows, nExperts, rng)),
      ...Array.from({ length: nRandom }, (_, r) => start(`random ${r}`, "nets", null)),
    ];
  });
}

export function climbFrom(
  samples: Samples,
  start: SearchStart,
  executor: Executor,
): Promise<Climbed> {
  const { labels } = start;
  return labels === null
    ? climb(samples, start, executor)
    : climbFromLabels(samples, start, labels, executor);
}

function someRows(train: Int32Array, nInputs: number, seed: number): Int32Array {
  const most = Math.min(MAX_ROWS, Math.max(LEAST_ROWS, Math.round(MAX_CELLS / nInputs)));
  if (train.length <= most) return train;
  const rows = train.slice();
  shuffle(rows, createRng(childSeed(seed, "rows of starts")));
  return rows.slice(0, most).sort();
}

function treeLabels(
  samples: Samples,
  rows: Int32Array,
  sizes: readonly number[],
): ReadonlyMap<number, Int32Array> {
  if (sizes.length === 0) return new Map();
  const d = samples.X.nColumns;
  const nTerms = 1 + d + (d * (d + 1)) / 2;
  const quadratic = d <= MAX_QUADRATIC_INPUTS && rows.length >= ROWS_A_TERM * nTerms;
  return modelTreeLabels(samples, rows, { quadratic, sizes });
}
