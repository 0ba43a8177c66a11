export {
  type DecisionReport,
  type HashChange,
  type KeptRows,
  type MeasuredChange,
  truncateGates,
  type Updated,
  type UpdateReport,
} from "./commit/index.ts";
export { copyBundle } from "./copy-bundle.ts";
export type { Current, KnownExpert } from "./current.ts";
export { type Action, DEFAULT_DECIDE, type DecideOptions, type Decision } from "./decide/index.ts";
export { type FollowOptions, type FollowReport, follow } from "./follow.ts";
export { type ForgetReport, forgetKey } from "./forget.ts";
export { type FitRows, keepRows, prepareFitStore } from "./keep-fit.ts";
export { currentOf, settleStore } from "./open-bundle.ts";
export { rollback } from "./rollback.ts";
export type { RowKey } from "./store/index.ts";
export {
  createMemoryRows,
  type Journal,
  joinTables,
  type MemoryRows,
  type OldRows,
  storeFolder,
  takeTable,
} from "./store/index.ts";
export type { HeldOutErrors, Outcome, Verified } from "./train/index.ts";
export { planUpdate, type UpdateOptions, type UpdatePlan, update } from "./update.ts";
export {
  type Batch,
  planBundleUpdate,
  type Session,
  type UpdateBundleOptions,
  updateBundle,
  updateStep,
} from "./update-bundle.ts";
export { type Evidence, type ExpertMonitor, firstAlarm, startMonitors } from "./watch/index.ts";
