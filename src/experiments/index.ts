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
export type { KeptModel } from "./kept-model.ts";
export type {
  Drawn,
  LineMap,
  MapAxis,
  MapPoints,
  PlaneMap,
  ProjectionMap,
  RegimeMap,
} from "./regime-map.ts";
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
export type { CommitteeFacts } from "./split-fit.ts";
