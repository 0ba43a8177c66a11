/**
 * Decision values of an RBF-SVM, by our own evaluator: libsvm-js gives none.
 *
 * decision(x) = Σᵢ coefficientsᵢ exp(−gamma‖x − svᵢ‖²) − rho, positive for the label +1. All sums
 * are of doubles and in the order of the support vectors, whatever rows come along.
 */
import type { Matrix } from "../shared/matrix.ts";
import type { SvmMachine } from "./gate.ts";

/** A machine that is not calibrated. Without support vectors it is constant, −rho. */
export type DecisionFunction = Pick<SvmMachine, "supportVectors" | "coefficients" | "rho">;

/** The decision for row i of X. Cost: O(support vectors · features). */
export function decisionValue(
  machine: DecisionFunction,
  gamma: number,
  X: Matrix,
  i: number,
): number {
  return kernelSum(machine, gamma, X.values, i * X.nColumns) - machine.rho;
}

/** The sum without rho at the point x[start], x[start + 1], … */
export function kernelSum(
  { supportVectors, coefficients }: Omit<DecisionFunction, "rho">,
  gamma: number,
  x: Float32Array | Float64Array,
  start: number,
): number {
  const { values, nColumns } = supportVectors;
  let sum = 0;
  for (let s = 0; s < coefficients.length; s++) {
    let distance = 0;
    for (let j = 0; j < nColumns; j++) distance += (x[start + j]! - values[s * nColumns + j]!) ** 2;
    sum += coefficients[s]! * Math.exp(-gamma * distance);
  }
  return sum;
}
