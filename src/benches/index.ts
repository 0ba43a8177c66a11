export { type AccuracyOptions, benchAccuracy } from "./accuracy/bench.ts";
export { type KnownPeers, readKnownPeers } from "./accuracy/known-peers.ts";
export { renderAccuracyReport } from "./accuracy/report/page.ts";
export type { MethodRank, RankSummary, RivalSummary } from "./accuracy/rivals.ts";
export { type AccuracyRow, parseResultRows, parseRow } from "./accuracy/row.ts";
export { measureScale, type ScaleRow } from "./accuracy/scale.ts";
export { REAL_SETS as accuracySets } from "./accuracy/sets.ts";
export type { AccuracyMeasurements } from "./accuracy/summary.ts";
export type { AccuracyTable } from "./accuracy/table.ts";
export { accuracyTables } from "./accuracy/tables.ts";
export type { AdjustedComparison, SetTally } from "./accuracy/tally.ts";
export { type AgentBenchMeasurements, benchAgent } from "./agent/bench.ts";
export { worstStart } from "./agent/figures.ts";
export { SPLIT_SESSIONS, type SplitOptions } from "./agent/split.ts";
export { benchFabric } from "./fabric/bench.ts";
export type { FabricMeasurements } from "./fabric/figures.ts";
export type { BenchDocument, Figure } from "./figures.ts";
export {
  benchFirstHour,
  type FirstHourMeasurements,
  firstHourSets,
} from "./first-hour/bench.ts";
export {
  FIRST_HOUR_PRESETS,
  type FirstHourPreset,
  parseFirstHourRow,
} from "./first-hour/figures.ts";
export { withEarlier } from "./keep-parts.ts";
export { benchKernel } from "./kernel/bench.ts";
export type { KernelMeasurements } from "./kernel/figures.ts";
export { benchRegimes, type RegimesMeasurements, type RegimesOptions } from "./regimes/bench.ts";
export { benchMember, type MemberRow } from "./regimes/member.ts";
export type { KeptAnswer } from "./regimes/peers.ts";
export {
  parseKeptAnswer,
  parseMemberRow,
  parseRegimeRow,
  parseResultAnswers,
} from "./regimes/row.ts";
export { regimeSets } from "./regimes/sets.ts";
export type { FitSummary, RegimeRow, SetSummary } from "./regimes/summary.ts";
export { benchServing, FULL_SERVING_PLAN } from "./serving/bench.ts";
export type { ServingMeasurements } from "./serving/figures.ts";
export type { Race } from "./serving/race.ts";
export { benchSites } from "./sites/bench.ts";
export { type ComparedRow, parseComparedRow } from "./sites/compared-row.ts";
export type { SitesMeasurements } from "./sites/figures.ts";
export { benchUpdate, type UpdateBenchOptions } from "./update/bench.ts";
export type { UpdateMeasurements } from "./update/figures.ts";
