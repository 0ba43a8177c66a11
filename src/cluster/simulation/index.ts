export { answerStep, type StepAnswers, type StepRequest } from "./answers.ts";
export { type Demand, type DemandRows, demandAt, demandOf } from "./demand.ts";
export { createHistogram, type Histogram } from "./histogram.ts";
export { type Happening, parseScenario, type Scenario, withDemand } from "./scenario.ts";
export {
  agentSplit,
  compareSplits,
  drawRequests,
  expertsOf,
  type FixedAnswers,
  parseLinks,
  parseSession,
  play,
  type RecordedLink,
  type Session,
  type SessionRequest,
  type SplitComparison,
} from "./session/index.ts";
export {
  type Choice,
  type Decided,
  type Policy,
  type Simulated,
  simulate,
  type View,
} from "./simulate.ts";
export { type DeviceState, devicesAt, drawTrace, hourOf, type Trace } from "./trace.ts";
