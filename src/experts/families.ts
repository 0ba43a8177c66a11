/** Predicting with any expert: the one place that knows every kind. */
import type { Matrix } from "../shared/matrix.ts";
import type { Engine } from "./engine.ts";
import type { Expert } from "./expert.ts";
import { predictRidge } from "./ridge.ts";

/**
 * Predictions for every row of X in standardised units, shape (nRows,).
 *
 * @param into - Of that shape; may be written to and returned in place of a new array.
 */
export function predictExpert(
  engine: Engine,
  expert: Expert,
  X: Matrix,
  into?: Float32Array,
): Float32Array {
  if (expert.kind === "mlp") return engine.predict(expert.net, X, into);
  return predictRidge(expert, X, into);
}
