/** Test errors that others published, beside ours on the same sets. */
import type { MeanAndError, SetTally } from "./tally.ts";

/**
 * Test RMSE that others published on the same splits of the same sets, the best of three columns:
 * tuned MC dropout (Gal & Ghahramani 2016, the table of 2018), concrete dropout (Gal, Hron &
 * Kendall 2017), both on these splits, and NGBoost (Duan et al. 2020) on different splits.
 */
export const PUBLISHED_RMSE: Readonly<Record<string, number>> = {
  boston: 2.65,
  concrete: 4.46,
  energy: 0.46,
  power: 3.7,
  protein: 3.85,
  "wine-red": 0.62,
  yacht: 0.5,
};

export interface PublishedComparison {
  readonly set: string;
  readonly published: number;
  /** Of the committee of all families: the mean of the splits' test RMSE. */
  readonly ours: MeanAndError;
  readonly isReached: boolean;
}

/** The available sets that others published errors of. */
export function comparePublished(tallies: readonly SetTally[]): readonly PublishedComparison[] {
  return tallies.flatMap(({ set, errors }) => {
    const published = PUBLISHED_RMSE[set];
    const ours = errors["all"]?.rmse;
    if (published === undefined || ours === undefined) return [];
    return { set, published, ours, isReached: ours.mean <= published };
  });
}
