export { encodeOnnx, type OnnxFacts } from "./model.ts";
