/** Answers of an expert of any kind. Nothing here knows how experts are fitted. */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { NetPredictor } from "./engine.ts";
import type { Expert } from "./expert.ts";
import { predictGp } from "./gp/predict.ts";
import { predictRidge } from "./ridge-answers.ts";
import { predictTrees } from "./trees/predict.ts";

/**
 * Predictions for every row of X in standardised units, shape (nRows,).
 *
 * @param into - Of that shape; may be written to and returned in place of a new array.
 * @throws SHAPE_MISMATCH if X does not have the columns that the expert takes.
 */
export function predictExpert(
  engine: NetPredictor,
  expert: Expert,
  X: Matrix,
  into?: Float32Array,
): Float32Array {
  if (expert.kind === "mlp") return engine.predict(expert.net, X, into);
  checkLength("X.nColumns", X.nColumns, expertInputs(expert));
  if (expert.kind === "gp") return predictGp(expert, X, into);
  return expert.kind === "trees" ? predictTrees(expert, X, into) : predictRidge(expert, X, into);
}

/** Columns that the expert takes. */
export function expertInputs(expert: Expert): number {
  if (expert.kind === "mlp") return expert.net.sizes[0]!;
  return expert.kind === "gp" ? expert.centres.nColumns : expert.nFeatures;
}
