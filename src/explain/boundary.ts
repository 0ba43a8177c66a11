/**
 * Rows near a boundary: rows whose two best gate scores are close.
 *
 * The threshold is learnt from the training rows: the least margin beyond which, for 99 of 100
 * rows, the routed expert is as good as the other expert, within the noise. The threshold has
 * bounds, because a gate is better on its training rows than on others.
 */
import type { Route } from "../mixture/index.ts";
import { median } from "../shared/statistics.ts";

/** The least and the largest margin; between two experts, best scores of 3/4 and of 9/10. */
const MIN_MARGIN = 0.5;
const MAX_MARGIN = 0.8;
/** Share of rows beyond the margin that the other expert may predict better. */
const MISROUTED_SHARE = 0.01;
/** A squared error is worse than another if it is larger by this multiple of the noise variance. */
const WORSE_BY = 6;

/** The best score less the second best, 1 if there is one expert. Shape (nRows,). */
export function gateMargins({ scores, nExperts }: Route): Float64Array {
  const margins = new Float64Array(scores.length / nExperts).fill(1);
  if (nExperts === 1) return margins;
  for (let i = 0; i < margins.length; i++) {
    let best = 0;
    let second = 0;
    for (let k = 0; k < nExperts; k++) {
      const score = scores[i * nExperts + k]!;
      if (score > best) {
        second = best;
        best = score;
      } else if (score > second) {
        second = score;
      }
    }
    margins[i] = best - second;
  }
  return margins;
}

/**
 * @param errors - Each expert's squared error on each row; null without targets.
 *   Shape nExperts × (nRows,).
 */
export function calibrateMargin(route: Route, errors: readonly Float64Array[] | null): number {
  if (errors === null) return MIN_MARGIN;
  const margins = gateMargins(route);
  const misrouted = misroutedRows(route, errors);
  const surestFirst = Int32Array.from(margins.keys()).sort((a, b) => margins[b]! - margins[a]!);
  let [margin, wrong] = [MAX_MARGIN, 0];
  surestFirst.forEach((i, place) => {
    wrong += misrouted[i]!;
    if (wrong <= MISROUTED_SHARE * (place + 1)) margin = Math.min(margin, margins[i]!);
  });
  return Math.max(MIN_MARGIN, margin);
}

/** 1 for rows that another expert answers better than the routed one by more than the noise. */
function misroutedRows({ experts }: Route, errors: readonly Float64Array[]): Uint8Array {
  const chosenErrors = Float64Array.from(experts, (k, i) => errors[k]![i]!);
  const noise = median(chosenErrors) / MEDIAN_OF_SQUARE;
  return Uint8Array.from(chosenErrors, (error, i) => {
    const least = errors.reduce((lowest, of) => Math.min(lowest, of[i]!), error);
    return error - least > WORSE_BY * noise ? 1 : 0;
  });
}

/** The median of the square of a standard normal number. */
const MEDIAN_OF_SQUARE = 0.455;
