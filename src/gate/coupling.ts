/**
 * From the probabilities of pairs to those of all classes.
 * Source: Wu, Lin & Weng 2004, the second method and its Algorithm 2, as in libsvm.
 */

const MAX_SWEEPS = 100;

/**
 * Writes class probabilities to `out`, which sum to 1. Modifies `out`.
 *
 * @param pairs - pairs[a * n + b] = P(class a | a or b), for every a ≠ b. Not modified.
 * @param out - Shape (n,).
 */
export type Coupler = (pairs: Float64Array, out: Float64Array) => void;

/** Couples the pairs of n classes, row after row, without allocating. */
export function createCoupler(n: number): Coupler {
  const Q = new Float64Array(n * n);
  const Qp = new Float64Array(n);
  const tolerance = (0.005 / n) * 1e-6;
  return (pairs, out) => {
    out.fill(1 / n);
    writeQuadratic(pairs, n, Q);
    for (let sweep = 0; sweep < Math.max(MAX_SWEEPS, n); sweep++) {
      const pQp = multiply(Q, out, Qp);
      if (isLevel(Qp, pQp, tolerance)) break;
      descend(Q, out, Qp, pQp);
    }
  };
}

function isLevel(Qp: Float64Array, pQp: number, tolerance: number): boolean {
  for (const value of Qp) if (Math.abs(value - pQp) >= tolerance) return false;
  return true;
}

/** Q_aa = Σ_{b≠a} r_ba², Q_ab = −r_ba r_ab. Modifies `Q`. */
function writeQuadratic(pairs: Float64Array, n: number, Q: Float64Array): void {
  for (let a = 0; a < n; a++) {
    Q[a * n + a] = 0;
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      Q[a * n + a]! += pairs[b * n + a]! ** 2;
      Q[a * n + b] = -pairs[b * n + a]! * pairs[a * n + b]!;
    }
  }
}

/** Qp, and pᵀQp as the result. Modifies `Qp`. */
function multiply(Q: Float64Array, p: Float64Array, Qp: Float64Array): number {
  const n = p.length;
  let total = 0;
  for (let a = 0; a < n; a++) {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += Q[a * n + b]! * p[b]!;
    Qp[a] = sum;
    total += p[a]! * sum;
  }
  return total;
}

/** One sweep over the coordinates. Modifies `p` and `Qp`. */
function descend(Q: Float64Array, p: Float64Array, Qp: Float64Array, start: number): void {
  const n = p.length;
  let pQp = start;
  for (let a = 0; a < n; a++) {
    const move = (pQp - Qp[a]!) / Q[a * n + a]!;
    p[a]! += move;
    pQp = (pQp + move * (move * Q[a * n + a]! + 2 * Qp[a]!)) / (1 + move) ** 2;
    for (let b = 0; b < n; b++) {
      Qp[b] = (Qp[b]! + move * Q[a * n + b]!) / (1 + move);
      p[b]! /= 1 + move;
    }
  }
}
