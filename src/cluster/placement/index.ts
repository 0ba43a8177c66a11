export type { Bound, Limit } from "./bound.ts";
export { type DeviceFile, deviceSchema, parseDevices } from "./devices.ts";
export type { Unplaced } from "./greedy.ts";
export { type Move, movesBetween } from "./moves.ts";
export { answerMs, moveSeconds, tablesOf, type Violation, violationsOf } from "./objective.ts";
export { boundOf, gapOf, type NotPlaced, notPlacedInWords, type Placed, place } from "./place.ts";
export {
  DEFAULT_BATCH_ROWS,
  DEFAULT_MAX_LOAD,
  DEFAULT_WEIGHTS,
  type Device,
  type Load,
  type Plan,
  type Problem,
  type Weights,
} from "./problem.ts";
export { type NodeDemand, nodeNeeds, WANTED_LOAD, wantedNodes } from "./wanted-nodes.ts";
