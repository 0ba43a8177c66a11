export { type AdamState, adamMove, adamStep, clipGradient, learningRateAt } from "./adam.ts";
export { expertInputs, predictExpert } from "./answers.ts";
export { activate } from "./backpropagation.ts";
export { constantInputs, trainTasks } from "./constant-inputs.ts";
export { expertFlops, familyFitCost, trainCost } from "./cost.ts";
export type {
  Engine,
  Loss,
  Moments,
  NetPredictor,
  TrainedNet,
  TrainOptions,
  TrainTask,
} from "./engine.ts";
export {
  type Expert,
  FAMILIES,
  type FamilyName,
  type GpExpert,
  type GpKernel,
  type MlpExpert,
  type RidgeExpert,
  type Samples,
  type TreesExpert,
} from "./expert.ts";
export {
  countExpertParameters,
  type FamilySettings,
  familiesFor,
  familyOf,
  fitFamily,
  tuneFamilies,
} from "./families.ts";
export { meanKernel } from "./gp/kernel.ts";
export { createNetGradients, type NetGradients } from "./gradients.ts";
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
export {
  addedByNoise,
  countPrivateSums,
  countPrivateTerms,
  linearPart,
  type PrivateForm,
  type PrivateRidge,
  privateRidgeSums,
  ridgeOfPrivateSums,
} from "./private-ridge.ts";
export { createReferenceEngine } from "./reference.ts";
export { fitRidge, MAX_TERMS } from "./ridge.ts";
export { countTerms, predictRidge } from "./ridge-answers.ts";
export { countRidgeSums, ridgeOfSums, ridgeSums } from "./ridge-sums.ts";
export type { ImportPackage, TfjsBackend } from "./tfjs-backend.ts";
export { createTfjsEngine, type TfjsEngineOptions } from "./tfjs-engine.ts";
export { resumeTraining, type TrainingForm, trainingForm } from "./training-form.ts";
export { fitTrees } from "./trees/fit.ts";
export { predictTrees } from "./trees/predict.ts";
export { createWasmEngine, type WasmEngine, type WasmEngineOptions } from "./wasm-engine.ts";
export { createNetPredictor } from "./wasm-predictor.ts";
