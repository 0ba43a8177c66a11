export { BailiwickError } from "../../shared/errors.ts";
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
