/**
 * Decision values of an SVM, computed here because libsvm-js returns none.
 *
 * decision(x) = Σᵢ coefficientsᵢ k(x, svᵢ) − rho, positive for the label +1. All sums are of
 * doubles and in the order of the support vectors, independent of the other rows.
 */
import { exp } from "../shared/exp.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { SvmKernel, SvmMachine } from "./gate.ts";

/** A machine that is not calibrated. Without support vectors it is constant, −rho. */
export type DecisionFunction = Pick<SvmMachine, "supportVectors" | "coefficients" | "rho">;

/** Beyond this exponent a support vector has no effect in 64 bits. */
const MAX_EXPONENT = 40;

/** The decision of an RBF machine for row i of X. Cost: O(support vectors · features). */
export function decisionValue(
  machine: DecisionFunction,
  gamma: number,
  X: Matrix,
  i: number,
): number {
  return kernelSum(machine, gamma, X.values, i * X.nColumns) - machine.rho;
}

/** The RBF sum without rho at the point x[start], x[start + 1], … */
export function kernelSum(
  { supportVectors, coefficients }: Omit<DecisionFunction, "rho">,
  gamma: number,
  x: Float32Array | Float64Array,
  start: number,
): number {
  const { values, nColumns } = supportVectors;
  const furthest = MAX_EXPONENT / gamma;
  let sum = 0;
  for (let s = 0, at = 0; s < coefficients.length; s++) {
    let distance = 0;
    for (let j = start; j < start + nColumns; j++) {
      const difference = x[j]! - values[at++]!;
      distance += difference * difference;
    }
    if (distance < furthest) sum += coefficients[s]! * exp(-gamma * distance);
  }
  return sum;
}

/** The sum without rho of a machine that is linear in its terms. */
export function termSum(
  { supportVectors, coefficients }: Omit<DecisionFunction, "rho">,
  terms: Float64Array,
): number {
  const { values, nColumns } = supportVectors;
  let sum = 0;
  for (let s = 0, at = 0; s < coefficients.length; s++) {
    let product = 0;
    for (let t = 0; t < nColumns; t++) product += terms[t]! * values[at++]!;
    sum += coefficients[s]! * product;
  }
  return sum;
}

/**
 * The decision of a machine of any kernel at the inputs whose terms are given.
 *
 * @param terms - As `writeTerms` writes them; of an RBF the inputs themselves.
 */
export function decisionAt(
  machine: DecisionFunction,
  { kernel, gamma }: { readonly kernel: SvmKernel; readonly gamma: number },
  terms: Float64Array,
): number {
  const sum = kernel === "rbf" ? kernelSum(machine, gamma, terms, 0) : termSum(machine, terms);
  return sum - machine.rho;
}
