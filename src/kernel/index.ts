export { createKernel, createKernelMemory, type Kernel } from "./kernel.ts";
export { mixtureDerivatives } from "./mixture.ts";
export { createPredictKernel, type PredictKernel } from "./predict-kernel.ts";
export { createPredictor } from "./predictor.ts";
export type { StepRates } from "./structs.ts";
export { CLOSED, type KernelThreads, startThreads } from "./threads.ts";
export { startTraining, type Training } from "./training.ts";
export { createUploads, type Uploads } from "./uploads.ts";
