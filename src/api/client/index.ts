/**
 * A client of `bailiwick serve`, for Node and browsers. Exported as `bailiwick/client`.
 *
 * @module client
 */
export { BailiwickError, type ErrorCode, type ErrorDetails } from "../../shared/errors.ts";
export type {
  MemberRoute,
  ModelMetadata,
  Predictions,
  RowContributions,
  RowRoute,
  TensorFacts,
} from "./answer-types.ts";
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type Inference,
  type InferOptions,
  type PredictOptions,
  type Row,
} from "./client.ts";
export type { InputTensor, OutputTensor } from "./tensors.ts";
