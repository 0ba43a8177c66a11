export {
  type AccuracyMeasurements,
  type AccuracyOptions,
  benchAccuracy,
  type SetRow,
} from "./accuracy.ts";
export type { BenchDocument, Figure } from "./figures.ts";
export { benchKernel } from "./kernel.ts";
export { benchRegimes, type RegimesMeasurements, type RegimesOptions } from "./regimes.ts";
export { regimeSets } from "./regimes-sets.ts";
export type { RegimeRow, SetSummary } from "./regimes-summary.ts";
