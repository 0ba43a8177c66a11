/**
 * Predictions on a device with a model's server behind it. Exported as `bailiwick/agent`.
 *
 * @module agent
 */
export type { Prices } from "../../cluster/residency/index.ts";
export { BailiwickError, type ErrorCode, type ErrorDetails } from "../../shared/errors.ts";
export {
  type Agent,
  type AgentFacts,
  type AgentOptions,
  createAgent,
} from "./agent.ts";
export type { Token } from "./http.ts";
export type { AgentPrediction, PredictRowsOptions } from "./prediction.ts";
export type { Row } from "./source.ts";
export { type AgentStorage, memoryStorage } from "./storage.ts";
