export { commitMembers, lawChanges, type Updated, unchanged } from "./commit-members.ts";
export { intervalsAfter } from "./intervals.ts";
export {
  type KeptRows,
  keepInputs,
  prepareFitRows,
  type RowsOwner,
  truncateGates,
} from "./keep-rows.ts";
export type { MeasuredChange } from "./measure.ts";
export { nextCurrent } from "./next-model.ts";
export {
  type DecisionReport,
  type HashChange,
  reportDecision,
  reportUpdate,
  type UpdateReport,
} from "./report.ts";
export { prepareStore } from "./store-rows.ts";
export { type Committed, sameVersion, writeVersion } from "./write-version.ts";
