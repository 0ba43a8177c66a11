/**
 * How novel a row is to the expert that it is routed to: 1 is the threshold.
 *
 * Made for serving: no allocation per row, and about d²/2 + d·nCentroids multiplications for d
 * inputs.
 */
import type { Explanation, NoveltyParameters } from "./explanation.ts";

/** The novelty of the preprocessed row that begins at `offset` of `values`. */
export type NoveltyScorer = (values: Float32Array, offset: number) => number;

/**
 * Scorers of a model's experts: `createNovelty(explanation)[member][expert](values, offset)`.
 *
 * @example
 * ```ts
 * import { load } from "bailiwick";
 * import { createNovelty } from "bailiwick/engine";
 *
 * const { explanation } = await load("out/prices");
 * const scorers = createNovelty(explanation);
 * console.log(`member 0 has ${scorers[0].length} scorers, one per expert`);
 * ```
 */
export function createNovelty({ members }: Explanation): readonly (readonly NoveltyScorer[])[] {
  return members.map(({ experts }) => experts.map(({ novelty }) => createScorer(novelty)));
}

/** Infinite for every row if the expert had no rows. */
export function createScorer(parameters: NoveltyParameters): NoveltyScorer {
  const [ball, range] = [ballScore(parameters), rangeScore(parameters)];
  return (values, offset) => Math.max(ball(values, offset), range(values, offset));
}

/** The distance to the centre of the nearest ball, in radii of that ball. */
export function ballScore({
  nFeatures,
  whitening,
  ...balls
}: Pick<NoveltyParameters, "nFeatures" | "whitening" | "centroids" | "radii">): NoveltyScorer {
  const point = new Float64Array(nFeatures);
  const centroids = Float64Array.from(balls.centroids);
  const inverseSquares = Float64Array.from(balls.radii, (radius) => 1 / radius ** 2);
  return (values, offset) => {
    whitenRow(whitening, values, offset, point);
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < inverseSquares.length; c++) {
      const start = c * nFeatures;
      let square = 0;
      for (let j = 0; j < nFeatures; j++) {
        const difference = point[j]! - centroids[start + j]!;
        square += difference * difference;
      }
      least = Math.min(least, square * inverseSquares[c]!);
    }
    return Math.sqrt(least);
  };
}

/** The largest distance of an input from its range, in slacks; 0 if all are within range. */
export function rangeScore({
  nFeatures,
  least,
  most,
  slack,
}: Pick<NoveltyParameters, "nFeatures" | "least" | "most" | "slack">): NoveltyScorer {
  return (values, offset) => {
    let farthest = 0;
    for (let j = 0; j < nFeatures; j++) {
      const value = values[offset + j]!;
      const excess = Math.max(least[j]! - value, value - most[j]!);
      if (excess > 0) farthest = Math.max(farthest, excess / slack[j]!);
    }
    return farthest;
  };
}

/** Writes W·x to `out` for the row x that begins at `offset`. Modifies `out`. */
export function whitenRow(
  whitening: Float32Array,
  values: Float32Array,
  offset: number,
  out: Float64Array,
): void {
  const d = out.length;
  if (whitening.length === d) {
    for (let j = 0; j < d; j++) out[j] = whitening[j]! * values[offset + j]!;
    return;
  }
  let w = 0;
  for (let a = 0; a < d; a++) {
    let sum = 0;
    for (let b = 0; b <= a; b++) sum += whitening[w++]! * values[offset + b]!;
    out[a] = sum;
  }
}
