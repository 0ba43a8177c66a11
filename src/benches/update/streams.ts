/**
 * Streams with a known change: rows of a generated set, never shuffled, whose law is another from
 * some row on.
 *
 * "1 s.d." is the standard deviation of the set's noise-free target over all its regimes.
 */
import { type GeneratorName, generate, selectTarget } from "../../data/index.ts";
import type { TrainingTable } from "../../mixture/index.ts";
import { childSeed } from "../../shared/rng.ts";

export const DRIFTS = ["none", "abrupt", "gradual", "several", "covariate", "new-regime"] as const;
export type DriftName = (typeof DRIFTS)[number];

/** Rows with the true regimes, which no model sees. */
export interface StreamRows extends TrainingTable {
  /** The true regime of each row. */
  readonly regimes: Int32Array;
}

export interface StreamOptions {
  readonly nRows: number;
  readonly seed: number;
  /** What happens; nothing if not given. */
  readonly drift?: DriftName | undefined;
  /** The regime that it happens to, and its size in s.d. */
  readonly regime?: number;
  readonly size?: number;
}

const SPREAD_ROWS = 4000;

/** Of the noise-free target, and how many regimes there are. */
export function describeSet(set: GeneratorName): {
  readonly sd: number;
  readonly nRegimes: number;
} {
  const { table, nRegimes, noiseVariance } = generate(set, { nRows: SPREAD_ROWS, seed: 1 });
  const y = table.columns.at(-1)!.values as Float64Array;
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length;
  return { sd: Math.sqrt(variance - noiseVariance), nRegimes };
}

/** Rows of a set as they come, their law as `drift` says. */
export function streamRows(set: GeneratorName, options: StreamOptions): StreamRows {
  const { nRows, seed, drift = "none", regime = 0, size = 1 } = options;
  const { sd, nRegimes } = describeSet(set);
  const touched = drift === "several" ? [regime, (regime + 1) % nRegimes] : [regime];
  const isCovariate = drift === "covariate";
  // Where inputs move, three of four rows outside of the first input's upper half do not come.
  const drawn = generate(set, { nRows: isCovariate ? 4 * nRows : nRows, seed });
  const { features, targetName, y } = selectTarget(drawn.table, "y", {
    minRows: 1,
    allowConstant: true,
  });
  const columns = features.columns.map(({ values }) => values as Float64Array);
  const moved = y.map((value, i) => {
    const isTouched = touched.includes(drawn.regimes[i]!) && drift !== "none" && !isCovariate;
    if (!isTouched || drift === "new-regime") return value;
    const share = drift === "gradual" ? Math.min(1, (2 * i) / nRows) : 1;
    return value + share * size * sd * changeAt(columns.map((column) => column[i]!));
  });
  const keep = [...y.keys()].filter((i) => !isCovariate || columns[0]![i]! > 0 || i % 4 === 0);
  const rows = { features, targetName, y: moved, groups: null, regimes: drawn.regimes };
  return takeStream(rows, isCovariate ? keep.slice(0, nRows) : keep);
}

/** A change of mean square 1 over the inputs, about: half of it a shift, half of it a bend. */
function changeAt(x: readonly number[]): number {
  return 0.87 + 0.7 * Math.sin(2 * x[0]!);
}

export function takeStream(rows: StreamRows, kept: readonly number[]): StreamRows {
  const columns = rows.features.columns.map((column) => ({
    type: "number" as const,
    name: column.name,
    values: Float64Array.from(kept, (i) => column.values[i] as number),
  }));
  return {
    features: { nRows: kept.length, columns },
    targetName: rows.targetName,
    y: Float64Array.from(kept, (i) => rows.y[i]!),
    groups: null,
    regimes: Int32Array.from(kept, (i) => rows.regimes[i]!),
  };
}

/** What a model has learnt from before the stream began. */
export function oldRows(
  set: GeneratorName,
  { nRows, seed, drift, regime = 0 }: StreamOptions,
): StreamRows {
  const rows = streamRows(set, { nRows, seed: childSeed(seed, "old rows") });
  if (drift !== "new-regime") return rows;
  return takeStream(
    rows,
    [...rows.y.keys()].filter((i) => rows.regimes[i] !== regime),
  );
}
