export {
  compareSplits,
  type FixedAnswers,
  type SplitAnswers,
  type SplitComparison,
} from "./compare.ts";
export { parseLinks, type RecordedLink } from "./links.ts";
export { type Played, type PlayOptions, play } from "./play.ts";
export {
  drawRequests,
  expertsOf,
  parseSession,
  roundTripOf,
  type Session,
  type SessionRequest,
} from "./session.ts";
export { agentSplit, type Split } from "./splits.ts";
