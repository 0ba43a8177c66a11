/** Decision values of an RBF-SVM: libsvm's model as numbers, and our own evaluator of it. */

import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { takeRows } from "../shared/matrix.ts";
import type { SvmMachine } from "./gate.ts";
import type { TrainedSvm } from "./svm-worker.ts";

export type DecisionFunction = Pick<SvmMachine, "supportVectors" | "coefficients" | "rho">;

/**
 * The decision function of a trained model, positive for the label +1.
 *
 * Coefficients come from libsvm's text, which holds 17 digits of them; support vectors from our
 * own rows, since of those the text holds only 8.
 *
 * @param X - The rows that the model was trained on, in the same order.
 * @throws WORKER_FAILED if the text is not a binary RBF model of these rows.
 */
export function decisionFunction(trained: TrainedSvm, X: Matrix): DecisionFunction {
  const [head, body] = trained.text.split(/^SV$/m);
  const rho = Number(/^rho (\S+)$/m.exec(head!)?.[1]);
  const firstLabel = Number(/^label (\S+)/m.exec(head!)?.[1]);
  const lines = (body ?? "").split("\n").filter((line) => line.trim() !== "");
  const coefficients = Float64Array.from(lines, (line) => Number(line.trim().split(/\s+/)[0]));
  const whole =
    Number.isFinite(rho) &&
    Math.abs(firstLabel) === 1 &&
    coefficients.length === trained.supportRows.length &&
    coefficients.every(Number.isFinite);
  if (!whole) throw new BailiwickError("WORKER_FAILED", "libsvm must return a binary RBF model");
  // libsvm's decision is positive for the label that it met first.
  return {
    supportVectors: takeRows(X, trained.supportRows),
    coefficients: coefficients.map((coefficient) => firstLabel * coefficient),
    rho: firstLabel * rho,
  };
}

/** Σᵢ coefficientsᵢ exp(−gamma‖x − svᵢ‖²) − rho for row i of X. Cost: O(support vectors · d). */
export function decisionValue(
  { supportVectors, coefficients, rho }: DecisionFunction,
  gamma: number,
  X: Matrix,
  i: number,
): number {
  const d = X.nColumns;
  const vectors = supportVectors.values;
  const x = X.values;
  let sum = -rho;
  for (let s = 0; s < coefficients.length; s++) {
    let distance = 0;
    for (let j = 0; j < d; j++) distance += (x[i * d + j]! - vectors[s * d + j]!) ** 2;
    sum += coefficients[s]! * Math.exp(-gamma * distance);
  }
  return sum;
}
