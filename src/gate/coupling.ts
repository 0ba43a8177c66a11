/**
 * From the probabilities of pairs to those of all classes.
 *
 * The p that minimises pᵀQp and sums to 1, where Q_aa = Σ_{b≠a} r_ba² and Q_ab = −r_ba r_ab. Adding
 * 1 to every entry of Q changes no p that sums to 1 and makes Q positive definite, so p is (Q +
 * 11ᵀ)⁻¹1 over its sum, and elimination needs no pivoting. Source: Wu, Lin & Weng 2004, the second
 * method; they iterate; here the system is solved directly.
 */

/**
 * Writes class probabilities to `out`, which sum to 1. Modifies `out`.
 *
 * @param pairs - pairs[a * n + b] = P(class a | a or b), for every a ≠ b. Not modified.
 * @param out - Shape (n,).
 */
export type Coupler = (pairs: Float64Array, out: Float64Array) => void;

/** Couples the pairs of n classes, row after row, without allocating. */
export function createCoupler(n: number): Coupler {
  const system = new Float64Array(n * n);
  if (n === 2) return couplePair;
  return (pairs, out) => {
    writeSystem(pairs, n, system);
    out.fill(1);
    solve(system, n, out);
    let total = 0;
    for (let a = 0; a < n; a++) {
      out[a] = Math.max(0, out[a]!);
      total += out[a]!;
    }
    for (let a = 0; a < n; a++) out[a]! /= total;
  };
}

/** Two classes have only one pair. */
function couplePair(pairs: Float64Array, out: Float64Array): void {
  out[0] = pairs[1]!;
  out[1] = pairs[2]!;
}

/** Q + 11ᵀ. Modifies `system`. */
function writeSystem(pairs: Float64Array, n: number, system: Float64Array): void {
  for (let a = 0; a < n; a++) {
    let squares = 0;
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      const r = pairs[b * n + a]!;
      squares += r * r;
      system[a * n + b] = 1 - r * pairs[a * n + b]!;
    }
    system[a * n + a] = 1 + squares;
  }
}

/** Gauss-Jordan; the right-hand side becomes the solution. Modifies `system` and `out`. */
function solve(system: Float64Array, n: number, out: Float64Array): void {
  for (let a = 0; a < n; a++) {
    const pivot = system[a * n + a]!;
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      const factor = system[b * n + a]! / pivot;
      for (let c = a; c < n; c++) system[b * n + c]! -= factor * system[a * n + c]!;
      out[b]! -= factor * out[a]!;
    }
  }
  for (let a = 0; a < n; a++) out[a]! /= system[a * n + a]!;
}
