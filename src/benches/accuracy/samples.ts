/** The rows of a split as every method gets them, and what an answer to the test rows is worth. */
import { applyPreprocessing } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { regressionMetrics } from "../../metrics/index.ts";
import { standardise } from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { AccuracyTask } from "./tasks.ts";

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
  const mseOf = (values: Float64Array): number => scale ** 2 * regressionMetrics(truth, values).mse;
  return { samples, unseen, truth, mseOf };
}
