/**
 * Predictions with intervals: the model's answer ± a quantile of the held-out errors of the row's
 * regime; of a target that is learnt as a logarithm, the answer's logarithm ± that.
 *
 * A row's interval depends on the row's route and on the level alone, so it can be added to answers
 * that were predicted together, or elsewhere.
 */
import { shiftAnswer, type Table } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Model } from "../model.ts";
import { type Prediction, predict } from "../predict.ts";
import { type Calibration, halfWidth } from "./conformal.ts";

/** In the target's units, and not clipped to its range. Shapes (nRows,). */
export interface Intervals {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** @throws INTERVALS_MISSING for a model without a calibration. */
export function calibrationOf({ intervals }: Model): Calibration {
  if (intervals !== undefined) return intervals;
  const message = "the model must keep held-out errors for intervals, it keeps none";
  throw new BailiwickError("INTERVALS_MISSING", `${message}; fit it again`);
}

/**
 * A function from predictions of a model to their intervals at one level.
 *
 * @param level - The share of targets that should lie within the intervals, above 0 and below 1.
 * @throws INTERVALS_MISSING; INVALID_OPTION for a level outside of (0, 1), or one that needs more
 *   held-out errors than there are.
 * @example
 * ```ts
 * import { load, predict } from "bailiwick";
 * import { createIntervals } from "bailiwick/engine";
 *
 * const regressor = await load("out/prices");
 * const prediction = await predict(regressor, "new-prices.csv");
 * const { lower, upper } = createIntervals(regressor.model, 0.8)(prediction);
 * console.log(lower[0], upper[0]);
 * ```
 */
export function createIntervals(
  model: Model,
  level: number,
): (prediction: Prediction) => Intervals {
  const calibration = calibrationOf(model);
  const { target } = model.preprocessing;
  const halves = calibration.regimes.map((_, k) => halfWidth(calibration, k, level));
  return ({ values, routes }) => {
    const { experts } = routes[calibration.member]!;
    return {
      lower: values.map((value, i) => shiftAnswer(target, value, -halves[experts[i]!]!)),
      upper: values.map((value, i) => shiftAnswer(target, value, halves[experts[i]!]!)),
    };
  };
}

/** Predicts the rows of a table with intervals. @throws as `predict` and `createIntervals` do. */
export function predictIntervals(
  engine: Engine,
  model: Model,
  table: Table,
  level: number,
): Prediction & Intervals {
  const intervalsOf = createIntervals(model, level);
  const prediction = predict(engine, model, table);
  return { ...prediction, ...intervalsOf(prediction) };
}
