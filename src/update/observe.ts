/** Rows with known targets, as a member sees them: who answers each, how wrong, how strange. */
import type { Engine, Samples } from "../experts/index.ts";
import { type MixtureAnswers, predictMixture, standardRange } from "../mixture/index.ts";
import { type Current, leastNovelty } from "./current.ts";
import { type ExpertMonitor, errorReference, observeRows, startMonitor } from "./monitor.ts";
import type { Bins } from "./two-sample.ts";

/** Some rows seen by one member. */
export interface Seen extends MixtureAnswers {
  /** The member's answers less the targets, standardised. Shape (nRows,). */
  readonly errors: Float64Array;
  /** To the expert that knows the row's like best; above 1 nobody does. Shape (nRows,). */
  readonly novelty: Float64Array;
}

/** @param m - The member's number. */
export function seeRows(engine: Engine, current: Current, m: number, { X, y }: Samples): Seen {
  const { preprocessing, members } = current.model;
  const range = standardRange(preprocessing.target);
  const { values, route } = predictMixture(engine, members[m]!.mixture, X, range);
  return {
    values,
    route,
    errors: values.map((value, i) => value - y[i]!),
    novelty: leastNovelty(current.explanation, m, X),
  };
}

/** Fresh monitors of a member's experts. @param bins - Of each expert's rows, where they are known. */
export function startMonitors(
  { model, experts }: Current,
  m: number,
  bins: readonly (readonly Bins[] | null)[] | null = null,
): readonly ExpertMonitor[] {
  const { scale } = model.preprocessing.target;
  return experts[m]!.map(({ residuals }, k) =>
    startMonitor(errorReference(known(residuals, experts[m]!), scale), bins?.[k] ?? null),
  );
}

type Report = Current["experts"][number][number];

/** An expert's own errors, or, where none were held out, those of its mixture's worst. */
function known(residuals: Report["residuals"], all: readonly Report[]): Report["residuals"] {
  if (residuals.nSamples > 0) return residuals;
  return all.reduce(
    (worst, other) =>
      other.residuals.meanSquaredError > worst.meanSquaredError ? other.residuals : worst,
    residuals,
  );
}

/** Monitors after these rows, in their order. One an expert. */
export function observeSeen(
  monitors: readonly ExpertMonitor[],
  { route, errors, novelty }: Seen,
  { X }: Pick<Samples, "X">,
): readonly ExpertMonitor[] {
  const all = Int32Array.from(errors.keys());
  return monitors.map((monitor, k) => {
    const own = all.filter((i) => route.experts[i] === k);
    return observeRows(monitor, { errors, novelty, X }, own);
  });
}

/** The rows that expert k answers and somebody knows the like of, ascending. */
export function coveredRows({ route, novelty }: Seen, k: number): Int32Array {
  return Int32Array.from(novelty.keys()).filter((i) => route.experts[i] === k && novelty[i]! <= 1);
}

/** The rows whose like nobody knows, ascending. */
export function novelRows({ novelty }: Seen): Int32Array {
  return Int32Array.from(novelty.keys()).filter((i) => novelty[i]! > 1);
}
