export {
  type AccuracyMeasurements,
  type AccuracyOptions,
  benchAccuracy,
  type SetRow,
} from "./accuracy.ts";
export { benchFabric } from "./fabric.ts";
export type { FabricMeasurements } from "./fabric-figures.ts";
export type { BenchDocument, Figure } from "./figures.ts";
export { benchKernel } from "./kernel.ts";
export type { KernelMeasurements } from "./kernel-figures.ts";
export { benchRegimes, type RegimesMeasurements, type RegimesOptions } from "./regimes.ts";
export { regimeSets } from "./regimes-sets.ts";
export type { RegimeRow, SetSummary } from "./regimes-summary.ts";
export { benchServing, FULL_SERVING_PLAN } from "./serving.ts";
export type { ServingMeasurements } from "./serving-figures.ts";
export type { Race } from "./serving-race.ts";
export { benchUpdate, type UpdateBenchOptions } from "./update.ts";
export type { UpdateMeasurements } from "./update-figures.ts";
