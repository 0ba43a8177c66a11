export type { Importance } from "../../explain/index.ts";
export {
  type AnsweredRows,
  type AnswersKind,
  errorOn,
  type LevelCoverage,
  type MeasuredError,
} from "./answers.ts";
export type { ColumnFacts, LevelFacts, NumberFacts } from "./columns.ts";
export { type CommitteeFacts, countMembers } from "./committee.ts";
export type { KeptCommittee, KeptModel } from "./kept-model.ts";
export { kindName, type Leader } from "./leaders.ts";
export { describeBundle, describeModel, type ModelFacts, type Shown } from "./model-facts.ts";
export type {
  Drawn,
  LineMap,
  MapAxis,
  MapPoints,
  PlaneMap,
  ProjectionMap,
  RegimeMap,
} from "./regime-map.ts";
export type { WorstRow } from "./worst.ts";
