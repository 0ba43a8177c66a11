/**
 * Which data sets count. Figures are over the real sets of the mirror alone: the generated ones
 * were made with regimes, which would flatter us, and the package's own are mostly small and serve
 * its examples and tests. Those are shown apart.
 */

/** The real sets of the mirror that BAILIWICK_DATA names. */
export const REAL_SETS: readonly string[] = [
  "boston",
  "concrete",
  "energy",
  "naval",
  "power",
  "protein",
  "wine-red",
  "yacht",
  "airfoil",
  "abalone",
  "california",
  "bike-hourly",
  "wine-white",
  "parkinsons",
  "qsar-fish",
  "real-estate",
  "seoul-bike",
  "cpu-act",
  "auto-price",
  "king-county",
];

/** Made by formulas with known regimes. */
const GENERATED_SETS: readonly string[] = ["two-planes", "mv", "pw-linear"];

/** `own`: any other, such as the package's own. */
export type SetKind = "real" | "generated" | "own";

export function kindOfSet(set: string): SetKind {
  if (REAL_SETS.includes(set)) return "real";
  return GENERATED_SETS.includes(set) ? "generated" : "own";
}
