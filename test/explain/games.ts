/** Models with a background, and the game of a row: every coalition's worth by brute force. */

import { createReferenceEngine, type Expert } from "../../src/experts/index.ts";
import type { Background } from "../../src/explain/contributions/background.ts";
import { backgroundOf } from "../../src/explain/contributions/background.ts";
import { playersOf } from "../../src/explain/contributions/players.ts";
import {
  type Contributions,
  createContributor,
  type Explanation,
  type NoveltyParameters,
} from "../../src/explain/index.ts";
import { type Model, predictMatrix } from "../../src/mixture/index.ts";
import { type Matrix, rowOf } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { type ModelPlan, makeContent, SOME_FEATURES } from "../bundle/models.ts";

export const engine = createReferenceEngine();

/** A model whose answers are not cut, unless they are very large. */
export function wideModel(plan: ModelPlan, swap: (expert: Expert) => Expert = (e) => e): Model {
  const { model } = makeContent(plan);
  const { features, target } = model.preprocessing;
  return {
    preprocessing: { features, target: { ...target, least: -1e9, most: 1e9 } },
    members: model.members.map(({ weight, mixture }) => ({
      weight,
      mixture: { ...mixture, experts: mixture.experts.map(swap) },
    })),
  };
}

/** Features of numbers alone. */
export function numberFeatures(count: number): NonNullable<ModelPlan["features"]> {
  const [water] = SOME_FEATURES;
  return Array.from({ length: count }, (_, j) => ({ ...water!, name: `x${j}` }));
}

/** An explanation of which only the clusters matter: three for each member, of equal weight. */
export function clusters({ members }: Model, nFeatures: number, seed = 5): Explanation {
  const rng = createRng(seed);
  const novelty: NoveltyParameters = {
    nFeatures,
    whitening: new Float32Array(nFeatures).fill(2),
    centroids: Float32Array.from({ length: 3 * nFeatures }, () => 2 * rng.normal()),
    radii: Float32Array.of(1, 1, 1),
    least: new Float32Array(nFeatures).fill(-3),
    most: new Float32Array(nFeatures).fill(3),
    slack: new Float32Array(nFeatures).fill(1),
  };
  const residuals = { nSamples: 9, meanError: 0, meanSquaredError: 4, meanFourthPower: 48 };
  const shown = { share: 1, boundaryShare: 0, rule: null, effects: [], residuals };
  return {
    members: members.map(({ mixture }) => ({
      boundaryMargin: 0.5,
      experts: mixture.experts.map(() => ({ card: { ...shown, nRows: 60 }, novelty })),
    })),
  };
}

/** Rows of normal inputs. */
export function drawnRows(nRows: number, nColumns: number, seed = 9): Matrix {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * nColumns }, rng.normal);
  return { values, nRows, nColumns };
}

export function backgroundFor(model: Model, explanation: Explanation): Background {
  const background = backgroundOf(model.preprocessing, explanation);
  if (background === null) throw new Error("the explanation has clusters");
  return background;
}

/** What the columns contribute, against `clusters`. */
export function contributionsTo(model: Model, X: Matrix): Contributions {
  const answers = predictMatrix(engine, model, X).values;
  return createContributor(engine, model, clusters(model, X.nColumns))!(X, answers);
}

/**
 * The worth of each coalition of columns for row 0: bit p of its number says column p.
 *
 * Answers have 32 bits, which show in a difference of large ones; those of one ridge expert are
 * computed again in 64.
 */
export function worthsOf(model: Model, { X, weights }: Background, row: Matrix): Float64Array {
  const { columns, ofInput } = playersOf(model.preprocessing);
  const answer = answererOf(model);
  return Float64Array.from({ length: 2 ** columns.length }, (_, coalition) => {
    const values = X.values.map((cell, at) => {
      const j = at % X.nColumns;
      return (coalition >> ofInput[j]!) & 1 ? row.values[j]! : cell;
    });
    const answers = answer({ ...X, values });
    return answers.reduce((sum, answer, r) => sum + weights[r]! * answer, 0);
  });
}

function answererOf(model: Model): (X: Matrix) => Float64Array {
  const [member, ...others] = model.members;
  const { experts } = member!.mixture;
  const expert = experts[0]!;
  if (expert.kind !== "ridge" || others.length + experts.length > 1) {
    return (X) => predictMatrix(engine, model, X).values;
  }
  const { mean, scale } = model.preprocessing.target;
  return (X) =>
    Float64Array.from({ length: X.nRows }, (_, i) => {
      const terms = ridgeTerms(rowOf(X, i), expert.degree);
      const sum = terms.reduce((total, term, t) => total + term * expert.coefficients[t]!, 0);
      return mean + scale * sum;
    });
}

/** 1, the inputs, and for degree 2 the products of two inputs, each pair once. */
function ridgeTerms(x: Float32Array, degree: number): readonly number[] {
  const inputs = Array.from(x);
  const products = inputs.flatMap((a, j) => inputs.slice(j).map((b) => a * b));
  return [1, ...inputs, ...(degree === 1 ? [] : products)];
}
