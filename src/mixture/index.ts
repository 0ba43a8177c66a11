export { type Candidate, type Choice, fewestWithinOneError, type RowErrors } from "./choose.ts";
export {
  type Architecture,
  type CommitteeOptions,
  type CommitteeSize,
  DEFAULT_COMMITTEE,
  type FittedCommittee,
  fitCommittee,
  type HeldOut,
  type KindWeight,
  type MemberKind,
  membersOf,
  mixHeldOut,
  partitionedWeight,
  shapeOf,
  type TunedNetwork,
  weighKinds,
} from "./committee/index.ts";
export {
  divides,
  type EncodedArchitecture,
  type NetworkName,
  type PlainArchitecture,
  type Shapes,
} from "./committee/options.ts";
export {
  type CommitteeReport,
  expertReports,
  type KindMember,
  type KindReport,
  type MemberReport,
  reportCommittee,
} from "./committee/report.ts";
export { judgeMembers } from "./committee/rivals.ts";
export type { Partition, RoundRecord } from "./compete.ts";
export { crossValidate, rivalSize } from "./cross-validate.ts";
export {
  type AskExpert,
  type BlendedModel,
  predictElsewhere,
  type RemotePrediction,
  type RowsOf,
} from "./elsewhere.ts";
export { equalCostSize, predictEnsemble, trainEnsemble } from "./ensemble.ts";
export {
  type Evaluation,
  type ExpertEvaluation,
  evaluate,
  evaluatePrediction,
  expertId,
} from "./evaluate.ts";
export { createInlineExecutor, type Executor, type Run } from "./executor.ts";
export {
  type Expectation,
  expectationInWords,
  type HeldOutAnswers,
  onNewRows,
  type RivalErrors,
  type Standing,
} from "./expectation/index.ts";
export { type FittedMixture, fitMixture } from "./fit.ts";
export {
  type AccurateOptions,
  committeeOptions,
  type FamilyChoice,
  type FittedCommitteeModel,
  type FittedMembers,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitMembers,
} from "./fit-committee-model.ts";
export {
  type ExpertReport,
  type FitReport,
  type FittedModel,
  fitJudgedModel,
  fitModel,
  prepareSamples,
  standardise,
  type TrainingTable,
} from "./fit-model.ts";
export { growMixture } from "./grow.ts";
export { calibrateCommittee, calibrateMixture } from "./intervals/calibrate-fit.ts";
export {
  type Calibration,
  calibrate,
  type ErrorQuantiles,
  halfWidth,
  highestLevel,
  MAX_QUANTILES,
  regimeQuantiles,
} from "./intervals/conformal.ts";
export {
  type Coverage,
  evaluateIntervals,
  type IntervalEvaluation,
  type RegimeCoverage,
} from "./intervals/coverage.ts";
export { createIntervals, type Intervals, predictIntervals } from "./intervals/intervals.ts";
export {
  type Laws,
  type RegimeCandidate,
  type RegimeSearch,
  searchNetCost,
} from "./likelihood/index.ts";
export type { Blend, Member, Mixture, Model, Range, Recombination } from "./model.ts";
export {
  batchSizeFor,
  type CompetitionOptions,
  DEFAULT_FIT,
  expertOptions,
  type FitOptions,
  PRESETS,
  type PresetName,
  type TuningOptions,
} from "./options.ts";
export { memberOutput, PREDICTION_OUTPUT } from "./output-names.ts";
export {
  combineMembers,
  type MixtureAnswers,
  type Prediction,
  predict,
  predictMatrix,
  predictMembers,
  predictMixture,
  predictRouted,
  type Route,
  recombine,
  routeRows,
  rowsAsked,
  standardRange,
} from "./predict.ts";
export type { RegimeFold } from "./regimes/cross-fit.ts";
export {
  type ErrorPowers,
  type ResidualSummary,
  standardResiduals,
  summariseAnswers,
  summariseErrors,
} from "./residuals.ts";
export { createRowPredictor, type RowPredictor } from "./row-predictor.ts";
export { clip, innerFolds, takeSamples, targetRange } from "./samples.ts";
export { specialistTask } from "./specialise.ts";
export { cosine, type NetSettings, regressionShape, regressionTask } from "./train-net.ts";
export { type TriedSettings, type Tuned, tuneNet } from "./tune.ts";
export {
  judgeCommittee,
  judgePartitioning,
  MIN_REDUCTION,
  SIGNIFICANCE,
  VERDICTS,
  type Verdict,
} from "./verdict.ts";
