/**
 * How much the whole model depends on each feature: by how much the error grows when the feature's
 * cells are shuffled among rows (permutation importance: Breiman 2001; Fisher, Rudin & Dominici
 * 2019).
 *
 * The rows' answers may come from models that had not seen them, as a fit's held-out answers do.
 * Then the model that is kept says how far shuffling moves an answer, and that move is added to the
 * held-out answer: the error that grows is the one on unseen rows.
 */
import { featureWidth } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import { type Model, predictMatrix } from "../mixture/index.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../shared/rng.ts";
import { sampleOf, sixDigits } from "./numbers.ts";

export interface Importance {
  readonly feature: string;
  /** Root mean squared error with the feature shuffled less that without; may be below 0. */
  readonly rise: number;
  /** Its range over the shuffles. */
  readonly least: number;
  readonly most: number;
}

/** Answers to rows, with their truth; in the target's units. Shapes (X.nRows,). */
export interface Answered {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
}

const SEED = 1;
const SHUFFLES = 5;
const MAX_ROWS = 500;
/** Predictions in all, about: of many features fewer rows are shuffled. */
const MAX_PREDICTIONS = 30_000;
const MIN_ROWS = 30;

/**
 * @param X - Preprocessed rows, those of `answered`.
 * @returns One entry a feature, the most important first.
 */
export function permutationImportance(
  engine: Engine,
  model: Model,
  X: Matrix,
  answered: Answered,
): readonly Importance[] {
  const { features } = model.preprocessing;
  const affordable = Math.floor(MAX_PREDICTIONS / (SHUFFLES * Math.max(1, features.length)));
  const most = Math.max(MIN_ROWS, Math.min(MAX_ROWS, affordable));
  const rows = sampleOf(Int32Array.from(answered.truth.keys()), most);
  const base = takeRows(X, rows);
  const before = predictMatrix(engine, model, base).values;
  const residuals = Float64Array.from(rows, (i) => answered.predicted[i]! - answered.truth[i]!);
  const rmse = rootMeanSquare(residuals);
  const orders = ordersOf(rows.length);
  let offset = 0;
  const importances = features.map((feature): Importance => {
    const block = { offset, width: featureWidth(feature) };
    offset += block.width;
    const rises = orders.map((order) => {
      const after = predictMatrix(engine, model, shuffled(base, block, order)).values;
      return rootMeanSquare(residuals.map((error, i) => error + after[i]! - before[i]!)) - rmse;
    });
    const rise = rises.reduce((sum, own) => sum + own, 0) / rises.length;
    const [least, largest] = [Math.min(...rises), Math.max(...rises)];
    const figures = { rise: sixDigits(rise), least: sixDigits(least), most: sixDigits(largest) };
    return { feature: feature.name, ...figures };
  });
  return importances.sort((a, b) => b.rise - a.rise);
}

/** The same for every feature. */
function ordersOf(nRows: number): readonly Int32Array[] {
  return Array.from({ length: SHUFFLES }, (_, s) => {
    const order = Int32Array.from({ length: nRows }, (_row, i) => i);
    shuffle(order, createRng(childSeed(SEED, `shuffle ${s}`)));
    return order;
  });
}

/** A copy in which one feature's inputs come from other rows. */
function shuffled(
  X: Matrix,
  { offset, width }: { readonly offset: number; readonly width: number },
  order: Int32Array,
): Matrix {
  const values = X.values.slice();
  order.forEach((from, i) => {
    for (let j = offset; j < offset + width; j++) {
      values[i * X.nColumns + j] = X.values[from * X.nColumns + j]!;
    }
  });
  return { ...X, values };
}

function rootMeanSquare(errors: Float64Array): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
}
