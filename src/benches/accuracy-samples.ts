/** The rows of a split as every method gets them, and what an answer to the test rows is worth. */
import { applyPreprocessing } from "../data/index.ts";
import type { Samples } from "../experts/index.ts";
import { standardise } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { AccuracyTask } from "./accuracy-tasks.ts";

export interface SplitSamples {
  /** Of the training rows. */
  readonly samples: Samples;
  /** Inputs of the test rows. Shape (nTest, nFeatures). */
  readonly unseen: Matrix;
  /** Their targets, standardised. Shape (nTest,). */
  readonly truth: Float64Array;
  /** Of standardised answers to the test rows, in the target's units squared. */
  readonly mseOf: (values: Float64Array) => number;
}

export function samplesOf({ table, split }: AccuracyTask): SplitSamples {
  const { preprocessing, samples } = standardise(table, split.train);
  const unseen = applyPreprocessing(preprocessing, table.features, split.test);
  const { scale, mean } = preprocessing.target;
  const truth = Float64Array.from(split.test, (i) => (table.y[i]! - mean) / scale);
  return { samples, unseen, truth, mseOf: (values) => scale ** 2 * meanSquare(values, truth) };
}

function meanSquare(values: Float64Array, truth: Float64Array): number {
  return values.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / values.length;
}
