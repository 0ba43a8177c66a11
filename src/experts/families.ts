/** Predicting with any expert: the one place that knows every kind. */
import type { Matrix } from "../shared/matrix.ts";
import type { Engine } from "./engine.ts";
import type { Expert } from "./expert.ts";
import { predictRidge } from "./ridge.ts";

/** Predictions for every row of X in standardised units, shape (nRows,). */
export function predictExpert(engine: Engine, expert: Expert, X: Matrix): Float32Array {
  if (expert.kind === "mlp") return engine.predict(expert.net, X);
  return predictRidge(expert, X);
}
