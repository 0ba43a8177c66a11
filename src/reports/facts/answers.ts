/** Rows with their truth and what was answered to them: the evidence that a page shows. */
import {
  binomialInterval,
  type RegressionMetrics,
  regressionMetrics,
} from "../../metrics/index.ts";
import {
  calibrate,
  evaluateIntervals,
  halfWidth,
  highestLevel,
  type Model,
  type Prediction,
} from "../../mixture/index.ts";
import { createRng, shuffle } from "../../shared/rng.ts";

/**
 * Which rows they are: held out in a fit; tested in a run; given to a model that had not seen them;
 * or those that the model was trained on, whose errors are too small.
 */
export type AnswersKind = "held-out" | "tested" | "given" | "trained on";

/** In the target's units; equal lengths, at least one row. */
export interface AnsweredRows {
  readonly kind: AnswersKind;
  /** Rows of the table, by number; a row comes once for every split that tested it. */
  readonly rows: Int32Array;
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  /** What the best single model answered to the same rows; null if there is none. */
  readonly single: { readonly name: string; readonly predicted: Float64Array } | null;
}

/** An error in the target's units, and the number of answers that it is measured on. */
export type MeasuredError = Pick<RegressionMetrics, "rmse" | "r2" | "nSamples">;

/** The error of the answers. */
export function errorOn({ truth, predicted }: AnsweredRows): MeasuredError {
  return regressionMetrics(truth, predicted);
}

/** How many truths intervals of one level held. */
export interface LevelCoverage {
  readonly level: number;
  readonly coverage: number;
  /** In the target's units. */
  readonly meanWidth: number;
  /** Where 99 % of such shares lie if each interval holds with the level's probability. */
  readonly byChance: readonly [least: number, most: number];
}

const LEVELS = [0.5, 0.8, 0.9, 0.95];
const CHANCE_SHARE = 0.99;
const SEED = 1;
/** Fewer rows tell little of a share. */
const MIN_ROWS = 20;

/**
 * How well intervals keep what they promise; nothing where rows or held-out errors are too few.
 *
 * @param prediction - Of the model, of all rows of the table.
 */
export function coverageOf(
  model: Model,
  prediction: Prediction,
  answers: AnsweredRows,
): readonly LevelCoverage[] {
  if (model.intervals === undefined || answers.rows.length < MIN_ROWS) return [];
  if (answers.kind === "held-out") return crossCoverage(model, prediction, answers);
  // Neither a model's own rows nor those of a run's other models say what its intervals hold.
  if (answers.kind !== "given") return [];
  const most = highestLevel(model.intervals);
  return LEVELS.filter((level) => level <= most).map((level) => {
    const found = evaluateIntervals(model, prediction, answers.truth, level);
    const { coverage, meanWidth, byChance } = found;
    return { level, coverage: coverage!, meanWidth: meanWidth!, byChance: byChance! };
  });
}

/** The held-out rows in two halves, each by intervals from the errors of the other half. */
function crossCoverage(
  { intervals }: Model,
  { routes }: Prediction,
  { rows, truth, predicted }: AnsweredRows,
): readonly LevelCoverage[] {
  const { experts, nExperts } = routes[intervals!.member]!;
  const places = Int32Array.from(rows.keys());
  shuffle(places, createRng(SEED));
  const middle = places.length >> 1;
  const halves = [places.slice(0, middle), places.slice(middle)];
  const errorOf = (place: number): number => predicted[place]! - truth[place]!;
  const regimeOf = (place: number): number => experts[rows[place]!]!;
  const calibrations = halves.map((own) =>
    calibrate(Array.from(own, errorOf), Array.from(own, regimeOf), nExperts),
  );
  const most = Math.min(...calibrations.map(highestLevel));
  return LEVELS.filter((level) => level <= most).map((level) => {
    let [nCovered, width] = [0, 0];
    halves.forEach((own, h) => {
      const calibration = calibrations[1 - h]!;
      const half = Array.from({ length: nExperts }, (_, k) => halfWidth(calibration, k, level));
      for (const place of own) {
        const reach = half[regimeOf(place)]!;
        width += 2 * reach;
        if (Math.abs(errorOf(place)) <= reach) nCovered += 1;
      }
    });
    const n = places.length;
    const [least, largest] = binomialInterval(n, level, CHANCE_SHARE);
    const byChance = [least / n, largest / n] as const;
    return { level, coverage: nCovered / n, meanWidth: width / n, byChance };
  });
}
