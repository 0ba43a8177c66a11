/** Every type in a signature of the library, so that a program can name it. */
export type {
  ExportFormat,
  HeldOutMetrics,
  Privacy,
  Provenance,
  UpdateRecord,
} from "../../bundle/index.ts";
export type {
  CategoryColumn,
  CategoryFeature,
  Column,
  ColumnReading,
  ColumnStatistics,
  ColumnType,
  ColumnTypes,
  Constant,
  DatePart,
  DatePartName,
  Feature,
  LevelEffects,
  NumberColumn,
  NumberFeature,
  Preprocessing,
  RowMarks,
  Separator,
  Spelling,
  StrayCells,
  Table,
  TargetScale,
  TargetTransform,
} from "../../data/index.ts";
export type {
  Activation,
  Engine,
  Expert,
  FamilyName,
  GpExpert,
  GpKernel,
  Loss,
  MlpExpert,
  Moments,
  Net,
  NetPredictor,
  NetShape,
  RidgeExpert,
  TrainedNet,
  TrainOptions,
  TrainTask,
  TreesExpert,
} from "../../experts/index.ts";
export type {
  Condition,
  Contributions,
  Effect,
  ExpertExplanation,
  Explanation,
  LevelsCondition,
  MemberExplanation,
  MissingCondition,
  NoveltyParameters,
  RangeCondition,
  RegimeCard,
  RowNotes,
  Rule,
} from "../../explain/index.ts";
export type {
  EnsembleGate,
  Gate,
  Refinement,
  SoftmaxGate,
  SvmGate,
  SvmKernel,
  SvmMachine,
  TreeCut,
  TreeGate,
  TreeLeaf,
  TreeNode,
} from "../../gate/index.ts";
export type { RegressionMetrics } from "../../metrics/index.ts";
export type {
  Blend,
  Calibration,
  Candidate,
  CommitteeReport,
  Coverage,
  ErrorPowers,
  ErrorQuantiles,
  Evaluation,
  Executor,
  Expectation,
  ExpertEvaluation,
  ExpertReport,
  FamilyChoice,
  FitReport,
  IntervalEvaluation,
  Intervals,
  KindReport,
  KindWeight,
  Laws,
  Member,
  MemberKind,
  MemberReport,
  Mixture,
  Model,
  NetSettings,
  NetworkName,
  Prediction,
  PresetName,
  Range,
  Recombination,
  RegimeCandidate,
  RegimeCoverage,
  RegimeSearch,
  ResidualSummary,
  RivalErrors,
  RoundRecord,
  Route,
  Standing,
  TriedSettings,
  Verdict,
} from "../../mixture/index.ts";
export type { Encoding, EngineName, GateChoice, TransformChoice } from "../../shared/choices.ts";
export type { Matrix } from "../../shared/matrix.ts";
export type { Progress } from "../../shared/progress.ts";
export type {
  Action,
  DecideOptions,
  Decision,
  DecisionReport,
  Evidence,
  ForgetReport,
  HashChange,
  HeldOutErrors,
  KeptRows,
  KnownExpert,
  MeasuredChange,
  RowKey,
  UpdateReport,
  Verified,
} from "../../update/index.ts";
export type { StageReport } from "../auto.ts";
export type { ColumnUse } from "../column-uses.ts";
export type { Measured } from "../evaluate.ts";
export type { Regime } from "../explain.ts";
export type { FitSettings, Fitted } from "../fit.ts";
export type { HeldOutRows } from "../held-out.ts";
export type { TableSettings } from "../open-table.ts";
export type { PresetSettings, TuningSettings } from "../plan.ts";
export type { ExplainedRows, IntervalSettings } from "../predict.ts";
export type { Regressor, SavedVersion } from "../regressor.ts";
export type { DataTable, ReadSettings, RowObject, Rows } from "../rows.ts";
export type { ExportSettings, Saved, SaveSettings } from "../save.ts";
export type { TrainingSettings } from "../settings.ts";
export type {
  ChangeSettings,
  RolledBack,
  UpdateForecast,
  UpdateResult,
  UpdateSettings,
} from "../update.ts";
