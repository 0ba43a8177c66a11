export {
  type AccuracyMeasurements,
  type AccuracyOptions,
  benchAccuracy,
  type SetRow,
} from "./bench-accuracy.ts";
export { benchKernel } from "./bench-kernel.ts";
export {
  configJsonSchema,
  type ExperimentConfig,
  fitOptionsOf,
  METHODS,
  type Method,
  parseConfig,
} from "./config.ts";
export type { BenchDocument, Figure } from "./figures.ts";
export type {
  Comparison,
  ExperimentResult,
  MeanAndError,
  MethodResult,
  MethodSummary,
  SplitPredictions,
  SplitResult,
} from "./result.ts";
export { type RunOptions, type RunOutcome, runExperiment } from "./run.ts";
