/** A bound on what one site can do to a step: its gradient is at most that of its rows. */
import { gradientLayout, type Query } from "../sums/index.ts";

/** The largest norm of a row's gradient, in standardised units; honest rows have less. */
const ROW_NORM = 50;

/**
 * Scales the gradients of a site's answer down to the bound, and its rows to those that it has.
 * Modifies `sums`.
 *
 * @param nRows - All rows of the site, as it described itself.
 * @returns Whether anything was beyond its bound.
 */
export function boundGradient(query: Query, sums: Float64Array, nRows: number): boolean {
  if (query.kind !== "gradient") return false;
  const { experts, gate, length } = gradientLayout(query);
  let isBounded = clampAt(sums, 0, nRows);
  for (const { weight } of experts) {
    isBounded = clampAt(sums, weight, sums[0]!) || isBounded;
    isBounded = clampAt(sums, weight + 1, ROW_NORM ** 2 * sums[weight]!) || isBounded;
  }
  const ranges = [
    ...experts.map(({ weight, from }, k) => {
      return { from, to: experts[k + 1]?.weight ?? gate, rows: sums[weight]! };
    }),
    { from: gate, to: length, rows: sums[0]! },
  ];
  for (const { from, to, rows } of ranges) {
    isBounded = scaleDown(sums.subarray(from, to), ROW_NORM * rows) || isBounded;
  }
  return isBounded;
}

function clampAt(sums: Float64Array, at: number, most: number): boolean {
  const value = sums[at]!;
  sums[at] = Math.min(most, Math.max(0, value));
  return sums[at] !== value;
}

/** Modifies `gradient`. */
function scaleDown(gradient: Float64Array, most: number): boolean {
  const largest = gradient.reduce((size, g) => Math.max(size, Math.abs(g)), 0);
  if (largest === 0) return false;
  const squares = gradient.reduce((sum, g) => sum + (g / largest) ** 2, 0);
  const norm = largest * Math.sqrt(squares);
  if (norm <= most) return false;
  for (let p = 0; p < gradient.length; p++) gradient[p]! *= most / norm;
  return true;
}
