/**
 * Cholesky factors of small symmetric matrices in flat arrays: the searches for starts factor tens
 * of thousands of them, each of a few dozen rows. Only the lower triangle is read and written.
 */

/** Least pivot, in case rounding makes one negative. */
const LEAST_PIVOT = 1e-12;

/** Turns A, shape (p, p), into its factor L with A = LLᵀ. Modifies `A`. */
export function factor(A: Float64Array, p: number): void {
  for (let j = 0; j < p; j++) {
    let pivot = A[j * p + j]!;
    for (let k = 0; k < j; k++) pivot -= A[j * p + k]! ** 2;
    const root = Math.sqrt(Math.max(pivot, LEAST_PIVOT));
    A[j * p + j] = root;
    for (let i = j + 1; i < p; i++) {
      let sum = A[i * p + j]!;
      for (let k = 0; k < j; k++) sum -= A[i * p + k]! * A[j * p + k]!;
      A[i * p + j] = sum / root;
    }
  }
}

/** Solves L z = b. Modifies `b`, which becomes z. */
export function solveLower(L: Float64Array, p: number, b: Float64Array): void {
  for (let j = 0; j < p; j++) {
    let sum = b[j]!;
    for (let k = 0; k < j; k++) sum -= L[j * p + k]! * b[k]!;
    b[j] = sum / L[j * p + j]!;
  }
}

/** Solves Lᵀ z = b. Modifies `b`, which becomes z. */
export function solveUpper(L: Float64Array, p: number, b: Float64Array): void {
  for (let j = p - 1; j >= 0; j--) {
    let sum = b[j]!;
    for (let k = j + 1; k < p; k++) sum -= L[k * p + j]! * b[k]!;
    b[j] = sum / L[j * p + j]!;
  }
}
