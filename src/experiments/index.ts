export type {
  CommitteeFacts,
  Drawn,
  KeptModel,
  LineMap,
  MapAxis,
  MapPoints,
  PlaneMap,
  ProjectionMap,
  RegimeMap,
} from "../reports/facts/index.ts";
export { clusteredExperts, wideNet } from "./baselines.ts";
export {
  configJsonSchema,
  type ExperimentConfig,
  type ExperimentInput,
  fitOptionsOf,
  METHODS,
  type Method,
  type Protocol,
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
export { type ExperimentSettings, type RunOutcome, runExperiment } from "./run.ts";
