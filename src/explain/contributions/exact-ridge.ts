/**
 * Exact Shapley values of ridge regression.
 *
 * Against one background row b, a linear term gives its column coefficient · (x − b). A product of
 * inputs of two columns is shared evenly: each gets the mean of its changes with the other column
 * at b and at x, so for column of input a: (x_a − b_a)(x_b + b_b) / 2.
 * Source: Shapley 1953; Lundberg & Lee 2017 for linear models; products, ours.
 */
import type { RidgeExpert } from "../../experts/index.ts";
import type { Explained } from "./game.ts";

/** Adds the values of the row against each background row. Modifies `into`. */
export function addRidgeShares(
  { coefficients, degree, nFeatures: d }: RidgeExpert,
  { x, background, players }: Explained,
  into: Float64Array,
): void {
  const { X, weights } = background;
  const { ofInput } = players;
  for (let r = 0; r < X.nRows; r++) {
    const b = X.values.subarray(r * d, (r + 1) * d);
    const weight = weights[r]!;
    for (let a = 0; a < d; a++) {
      into[ofInput[a]!]! += weight * coefficients[a + 1]! * (x[a]! - b[a]!);
    }
    if (degree === 1) continue;
    let t = d + 1;
    for (let a = 0; a < d; a++) {
      for (let c = a; c < d; c++) {
        const scaled = weight * coefficients[t++]!;
        into[ofInput[a]!]! += (scaled * (x[a]! - b[a]!) * (x[c]! + b[c]!)) / 2;
        into[ofInput[c]!]! += (scaled * (x[c]! - b[c]!) * (x[a]! + b[a]!)) / 2;
      }
    }
  }
}
