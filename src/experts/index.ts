export {
  ENGINES,
  type Engine,
  type EngineName,
  type Loss,
  type Moments,
  type TrainedNet,
  type TrainOptions,
  type TrainTask,
  trainCost,
} from "./engine.ts";
export {
  type Expert,
  FAMILIES,
  type FamilyName,
  type GpExpert,
  type MlpExpert,
  type RidgeExpert,
  type Samples,
  type TreesExpert,
} from "./expert.ts";
export {
  countExpertParameters,
  expertFlops,
  expertInputs,
  type FamilySettings,
  familiesFor,
  familyOf,
  fitFamily,
  predictExpert,
  ridgeDegree,
  tuneFamilies,
} from "./families.ts";
export {
  type Activation,
  countParameters,
  initNet,
  isFiniteNet,
  keepOutputs,
  type LayerOffsets,
  layerOffsets,
  MAX_LAYER_WIDTH,
  MAX_LAYERS,
  type Net,
  type NetShape,
} from "./net.ts";
export { encodePiecewise, fitPiecewise, type PiecewiseEncoding } from "./piecewise.ts";
export { type EncodedNet, encodedNet, plainNet } from "./piecewise-net.ts";
export { createReferenceEngine } from "./reference.ts";
export { countTerms, fitRidge } from "./ridge.ts";
export { createTfjsEngine, type TfjsEngineOptions } from "./tfjs-engine.ts";
export { createWasmEngine, type WasmEngineOptions } from "./wasm-engine.ts";
