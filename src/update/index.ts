export type { Current, KnownExpert } from "./current.ts";
export { DEFAULT_DECIDE, type DecideOptions } from "./decide.ts";
export type { Action, Decision } from "./decision.ts";
export { type FollowOptions, type FollowReport, follow } from "./follow.ts";
export { type ForgetReport, forgetKey } from "./forget.ts";
export { type KeptRows, keepRows, truncateGates } from "./keep-rows.ts";
export type { MeasuredChange } from "./measure.ts";
export { createMemoryRows, joinTables, type MemoryRows, takeTable } from "./memory-rows.ts";
export { type Evidence, type ExpertMonitor, evidenceOf } from "./monitor.ts";
export { startMonitors } from "./observe.ts";
export type { OldRows } from "./old-rows.ts";
export { currentOf } from "./open-bundle.ts";
export { rollback } from "./rollback.ts";
export { planUpdate, type Updated, type UpdateOptions, type UpdatePlan, update } from "./update.ts";
export {
  type Batch,
  type DecisionReport,
  type HashChange,
  planBundleUpdate,
  type Session,
  type UpdateBundleOptions,
  type UpdateReport,
  updateBundle,
  updateStep,
} from "./update-bundle.ts";
export type { Outcome } from "./verify.ts";
export { firstAlarm } from "./watch.ts";
