/**
 * The rows that an explained row is compared with: a summary of the training rows, not the rows.
 *
 * A bundle keeps the centres of the balls that cover the training rows of each regime (novelty.ts).
 * Mapped back from whitened units, each is the mean of a cluster of rows. Its categories take the
 * cluster's commonest level and its missing marks are rounded, so that a row like it could exist.
 */
import {
  featureWidth,
  type NumberFeature,
  type Preprocessing,
  writeNumber,
} from "../../data/index.ts";
import { type Matrix, matrix } from "../../shared/matrix.ts";
import type { Explanation, MemberExplanation, NoveltyParameters } from "../explanation.ts";

export interface Background {
  /** Preprocessed rows, at least one. */
  readonly X: Matrix;
  /** Their weights sum to 1. Shape (X.nRows,). */
  readonly weights: Float64Array;
}

/**
 * The background of a model: the clusters of the member with the fewest experts. A regime's
 * clusters share the weight of its rows evenly. null if no regime had rows.
 */
export function backgroundOf(
  preprocessing: Preprocessing,
  { members }: Explanation,
): Background | null {
  const fewest = Math.min(...members.map(({ experts }) => experts.length));
  const { experts } = members.find((member) => member.experts.length === fewest)!;
  return summarise(preprocessing, experts);
}

function summarise(
  preprocessing: Preprocessing,
  experts: MemberExplanation["experts"],
): Background | null {
  const rows = experts.flatMap(({ card, novelty }) => {
    const nCentres = novelty.radii.length;
    return Array.from({ length: nCentres }, (_, c) => ({
      cells: possible(preprocessing, centreOf(novelty, c)),
      weight: card.nRows / nCentres,
    }));
  });
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return null;
  const X = matrix(
    Float32Array.from(rows.flatMap(({ cells }) => [...cells])),
    rows.length,
    rows[0]!.cells.length,
  );
  return { X, weights: Float64Array.from(rows, ({ weight }) => weight / total) };
}

/** The centre of a ball in standardised units, within the range of the rows. */
function centreOf(novelty: NoveltyParameters, c: number): Float32Array {
  const { nFeatures: d, whitening, centroids, least, most } = novelty;
  const isDiagonal = whitening.length === d;
  const centre = new Float64Array(d);
  let w = 0;
  for (let a = 0; a < d; a++) {
    let rest = centroids[c * d + a]!;
    if (!isDiagonal) for (let b = 0; b < a; b++) rest -= whitening[w++]! * centre[b]!;
    centre[a] = rest / whitening[w++]!;
  }
  return Float32Array.from(centre, (value, j) => Math.min(most[j]!, Math.max(least[j]!, value)));
}

/** Rounds the inputs of categories and of missing marks. Modifies and returns `cells`. */
function possible({ features }: Preprocessing, cells: Float32Array): Float32Array {
  let offset = 0;
  for (const feature of features) {
    const width = featureWidth(feature);
    if (feature.type === "category") roundLevels(cells.subarray(offset, offset + width));
    else roundMark(feature, cells, offset);
    offset += width;
  }
  return cells;
}

/** Sets the largest to 1 and the others to 0; all to 0 if most rows had no level. */
function roundLevels(levels: Float32Array): void {
  const sum = levels.reduce((total, level) => total + level, 0);
  const largest = levels.indexOf(Math.max(...levels));
  const hasLevel = levels[largest]! > 1 - sum;
  levels.fill(0);
  if (hasLevel) levels[largest] = 1;
}

function roundMark(feature: NumberFeature, cells: Float32Array, offset: number): void {
  if (!feature.indicator) return;
  if (cells[offset + 1]! > 0.5) writeNumber(feature, Number.NaN, cells, offset);
  else cells[offset + 1] = 0;
}
