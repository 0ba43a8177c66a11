export {
  configJsonSchema,
  type ExperimentConfig,
  fitOptionsOf,
  METHODS,
  type Method,
  parseConfig,
} from "./config.ts";
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
