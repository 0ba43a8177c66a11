/**
 * Cholesky factors of a covariance, flat and in place.
 *
 * ml-matrix keeps a matrix as rows of objects and takes several times as long; a fit factors
 * thousands of rows for every fold.
 */

/**
 * Replaces the lower triangle of A by its factor L, A = L·Lᵀ. Shape (n, n), row-major; the upper
 * triangle is not read.
 *
 * @returns False if A is not positive definite; it is then half done.
 */
export function factorise(A: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = A[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= A[rowJ + k]! * A[rowJ + k]!;
    if (!(pivot > LEAST_PIVOT)) return false;
    const root = Math.sqrt(pivot);
    A[rowJ + j] = root;
    let i = j + 1;
    // Four rows at once read row j once.
    for (; i + 4 <= n; i += 4) {
      const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let k = 0; k < j; k++) {
        const x = A[rowJ + k]!;
        s0 += A[r0 + k]! * x;
        s1 += A[r1 + k]! * x;
        s2 += A[r2 + k]! * x;
        s3 += A[r3 + k]! * x;
      }
      A[r0 + j] = (A[r0 + j]! - s0) / root;
      A[r1 + j] = (A[r1 + j]! - s1) / root;
      A[r2 + j] = (A[r2 + j]! - s2) / root;
      A[r3 + j] = (A[r3 + j]! - s3) / root;
    }
    for (; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < j; k++) sum += A[i * n + k]! * A[rowJ + k]!;
      A[i * n + j] = (A[i * n + j]! - sum) / root;
    }
  }
  return true;
}

const LEAST_PIVOT = 1e-14;

/** Solves L·Lᵀ·x = b in place. */
export function solveFactored(L: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= L[i * n + k]! * b[k]!;
    b[i] = sum / L[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / L[i * n + i]!;
    b[i] = x;
    for (let k = 0; k < i; k++) b[k]! -= x * L[i * n + k]!;
  }
}

/** The lower triangle of A⁻¹ from its factor; the upper one is 0. */
export function invertFactored(L: Float64Array, n: number): Float64Array {
  const inverse = invertLower(L, n);
  const result = new Float64Array(n * n);
  // Four rows at once write the result once; beyond a row's diagonal all is 0.
  for (let r0 = 0; r0 < inverse.length; r0 += 4 * n) {
    const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
    for (let i = 0; i < Math.min(n, r0 / n + 4); i++) {
      const [x0, x1] = [inverse[r0 + i]!, inverse[r1 + i]!];
      const [x2, x3] = [inverse[r2 + i]!, inverse[r3 + i]!];
      for (let j = 0; j <= i; j++) {
        const first = x0 * inverse[r0 + j]! + x1 * inverse[r1 + j]!;
        result[i * n + j]! += first + x2 * inverse[r2 + j]! + x3 * inverse[r3 + j]!;
      }
    }
  }
  return result;
}

/** L⁻¹, and rows of zeros up to a multiple of four. */
function invertLower(L: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(4 * Math.ceil(n / 4) * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const scale = 1 / L[row + i]!;
    inverse[row + i] = scale;
    let k = 0;
    for (; k + 4 <= i; k += 4) {
      const [r0, r1, r2, r3] = [k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n];
      const [x0, x1] = [-L[row + k]! * scale, -L[row + k + 1]! * scale];
      const [x2, x3] = [-L[row + k + 2]! * scale, -L[row + k + 3]! * scale];
      for (let j = 0; j < k + 4; j++) {
        const first = x0 * inverse[r0 + j]! + x1 * inverse[r1 + j]!;
        inverse[row + j]! += first + x2 * inverse[r2 + j]! + x3 * inverse[r3 + j]!;
      }
    }
    for (; k < i; k++) {
      const x = -L[row + k]! * scale;
      for (let j = 0; j <= k; j++) inverse[row + j]! += x * inverse[k * n + j]!;
    }
  }
  return inverse;
}
