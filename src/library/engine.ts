/**
 * What experts need beside the library: engines, executors, options, fits without a preset, and
 * predictions by a given engine. Exported as `bailiwick/engine`.
 *
 * @module engine
 */

export type { RowCells, SelectOptions, Split } from "../data/index.ts";
export { type SelectedTarget, selectTarget, type Table } from "../data/index.ts";
export type {
  ImportPackage,
  PiecewiseEncoding,
  Samples,
  TfjsBackend,
  TfjsEngineOptions,
  WasmEngine,
  WasmEngineOptions,
} from "../experts/index.ts";
export {
  createReferenceEngine,
  createTfjsEngine,
  createWasmEngine,
  type Engine,
} from "../experts/index.ts";
export type { NoveltyScorer } from "../explain/index.ts";
export { createNovelty } from "../explain/index.ts";
export type {
  BoundaryCandidate,
  BoundaryKind,
  BoundaryPlan,
  FittedBoundary,
} from "../gate/index.ts";
export type {
  AccurateOptions,
  Architecture,
  Choice,
  CommitteeOptions,
  CommitteeSize,
  CompetitionOptions,
  EncodedArchitecture,
  FitOptions,
  FittedCommittee,
  FittedCommitteeModel,
  FittedMembers,
  FittedMixture,
  FittedModel,
  HeldOut,
  HeldOutAnswers,
  KindMember,
  Partition,
  PlainArchitecture,
  RegimeFold,
  RowErrors,
  RowPredictor,
  Shapes,
  TrainingTable,
  Tuned,
  TunedNetwork,
  TuningOptions,
} from "../mixture/index.ts";
export {
  createInlineExecutor,
  createIntervals,
  createRowPredictor,
  DEFAULT_COMMITTEE,
  type Executor,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitJudgedModel,
  fitModel,
  PRESETS,
  predict as predictTable,
} from "../mixture/index.ts";
export type { PlannedFit } from "./plan.ts";
export type { FitSource } from "./regressor.ts";
export { describeFit } from "./regressor.ts";
export type * from "./types/index.ts";
