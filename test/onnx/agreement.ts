/** How far apart our answers and those of an exported model are. */
import type { Model, Prediction } from "../../src/mixture/index.ts";
import type { OnnxAnswer } from "./runtime.ts";

export interface Disagreement {
  /** Rows whose expert differs though its lead is more than `TIE`, in any member. */
  readonly otherExperts: number;
  /** The largest difference of scores. */
  readonly scores: number;
  /** The largest difference of predictions over the target's scale, but for rows at a tie. */
  readonly predictions: number;
}

/** Two scores as near as this may change places by rounding. */
const TIE = 1e-5;

export function disagreement(
  model: Model,
  ours: Prediction,
  theirs: Omit<OnnxAnswer, "inputNames">,
): Disagreement {
  const { scale } = model.preprocessing.target;
  let [otherExperts, scores, predictions] = [0, 0, 0];
  ours.values.forEach((value, i) => {
    let tied = false;
    ours.routes.forEach((route, m) => {
      const start = i * route.nExperts;
      const row = route.scores.subarray(start, start + route.nExperts);
      const own = theirs.scores[m]!.subarray(start, start + route.nExperts);
      row.forEach((score, k) => {
        scores = Math.max(scores, Math.abs(score - own[k]!));
      });
      const [first, second = 0] = Array.from(row).sort((a, b) => b - a);
      const near = first! - second < TIE;
      if (route.experts[i] !== theirs.experts[m]![i] && !near) otherExperts++;
      tied ||= near && model.members[m]!.mixture.recombination === "hard";
    });
    const apart = Math.abs(value - theirs.prediction[i]!) / scale;
    // Not a number is as far apart as can be.
    if (!tied) predictions = apart <= predictions ? predictions : Number.isNaN(apart) ? 1e9 : apart;
  });
  return { otherExperts, scores, predictions };
}
