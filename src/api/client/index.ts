/**
 * A client of `bailiwick serve`, for Node and browsers. Exported as `bailiwick/client`.
 *
 * @module client
 */
export { BailiwickError, type ErrorCode, type ErrorDetails } from "../../shared/errors.ts";
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type Inference,
  type InferOptions,
  type MemberRoute,
  type ModelMetadata,
  type Predictions,
  type PredictOptions,
  type Row,
  type RowRoute,
  type TensorFacts,
} from "./client.ts";
export type { InputTensor, OutputTensor } from "./tensors.ts";
