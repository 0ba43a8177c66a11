/**
 * An evolution strategy: the best of all points so far are averaged, and new points are drawn about
 * the average, ever closer to it.
 *
 * Source: Beyer & Schwefel, Evolution strategies (2002): (μ/μ + λ), with steps that shrink by plan.
 */
import { createRng } from "../../shared/rng.ts";

export interface Evolution {
  readonly generations: number;
  /** Points of a generation, and how many of all points so far are averaged. */
  readonly children: number;
  readonly parents: number;
  /** Standard deviation of the first steps, and its factor from one generation to the next. */
  readonly step: number;
  readonly shrink: number;
  readonly seed: number;
}

export interface Scored {
  /** Coordinates within [0, 1]. */
  readonly point: Float64Array;
  readonly score: number;
}

/**
 * @param start - The first point; with its score, so that nothing worse is returned.
 * @param score - Smaller is better.
 * @returns The best point that was seen.
 */
export function evolve(
  start: Scored,
  score: (point: Float64Array) => number,
  { generations, children, parents, step, shrink, seed }: Evolution,
): Scored {
  const rng = createRng(seed);
  let best: readonly Scored[] = [start];
  for (let generation = 0; generation < generations; generation++) {
    const spread = step * shrink ** generation;
    const middle = start.point.map((_, j) => {
      return best.reduce((sum, { point }) => sum + point[j]!, 0) / best.length;
    });
    const born = Array.from({ length: children }, (): Scored => {
      const point = middle.map((value) => Math.min(1, Math.max(0, value + spread * rng.normal())));
      return { point, score: score(point) };
    });
    best = [...best, ...born].sort((a, b) => a.score - b.score).slice(0, parents);
  }
  return best[0]!;
}
