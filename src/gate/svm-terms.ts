/**
 * The terms in which a linear or a quadratic machine is one vector: its decision is a sum over
 * terms, for any number of support vectors.
 *
 *   linear      x_a
 *   quadratic   x_a, then x_a·x_b for a ≤ b: (0,0), (0,1), …, (1,1), …
 */
import type { Matrix } from "../shared/matrix.ts";
import type { SvmKernel } from "./gate.ts";
import type { DecisionFunction } from "./svm-decision.ts";

/** The number of terms of a machine with this kernel and number of inputs. */
export function countTerms(kernel: SvmKernel, nInputs: number): number {
  return kernel === "quadratic" ? nInputs + (nInputs * (nInputs + 1)) / 2 : nInputs;
}

/** Writes the terms of x[start], x[start + 1], … of `nInputs` inputs to `out`. Modifies `out`. */
export function writeTerms(
  kernel: SvmKernel,
  x: Float32Array | Float64Array,
  { start, nInputs }: { readonly start: number; readonly nInputs: number },
  out: Float64Array,
): void {
  for (let a = 0; a < nInputs; a++) out[a] = x[start + a]!;
  if (kernel !== "quadratic") return;
  let t = nInputs;
  for (let a = 0; a < nInputs; a++) for (let b = a; b < nInputs; b++) out[t++] = out[a]! * out[b]!;
}

/**
 * A machine of libsvm's linear kernel x·z, or quadratic kernel (gamma x·z + 1)², as one vector of
 * coefficient 1 in the kernel's terms. The vector is rounded to 32 bits.
 */
export function collapse(
  kernel: "linear" | "quadratic",
  gamma: number,
  { supportVectors, coefficients, rho }: DecisionFunction,
): DecisionFunction {
  const nInputs = supportVectors.nColumns;
  const nTerms = countTerms(kernel, nInputs);
  const sums = new Float64Array(nTerms);
  const terms = new Float64Array(nTerms);
  let constant = 0;
  for (let s = 0; s < coefficients.length; s++) {
    writeTerms(kernel, supportVectors.values, { start: s * nInputs, nInputs }, terms);
    for (let t = 0; t < nTerms; t++) sums[t]! += coefficients[s]! * terms[t]!;
    constant += coefficients[s]!;
  }
  const weights = kernel === "linear" ? sums : quadraticWeights(sums, nInputs, gamma);
  return {
    supportVectors: { values: Float32Array.from(weights), nRows: 1, nColumns: nTerms },
    coefficients: Float64Array.of(1),
    rho: kernel === "linear" ? rho : rho - constant,
  };
}

/** (gamma x·z + 1)² = 1 + 2 gamma Σ x_a z_a + gamma² (Σ x_a² z_a² + 2 Σ x_a x_b z_a z_b). */
function quadraticWeights(sums: Float64Array, nInputs: number, gamma: number): Float64Array {
  const weights = new Float64Array(sums.length);
  for (let a = 0; a < nInputs; a++) weights[a] = 2 * gamma * sums[a]!;
  let t = nInputs;
  for (let a = 0; a < nInputs; a++) {
    for (let b = a; b < nInputs; b++, t++) {
      weights[t] = (a === b ? 1 : 2) * gamma * gamma * sums[t]!;
    }
  }
  return weights;
}

/** A machine that decides 0 everywhere, without rows to train on. */
export function constantMachine(nTerms: number): DecisionFunction {
  const none: Matrix = { values: new Float32Array(0), nRows: 0, nColumns: nTerms };
  return { supportVectors: none, coefficients: new Float64Array(0), rho: 0 };
}
