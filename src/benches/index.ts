export {
  type AccuracyMeasurements,
  type AccuracyOptions,
  benchAccuracy,
  type SetRow,
} from "./accuracy.ts";
export type { BenchDocument, Figure } from "./figures.ts";
export { benchKernel } from "./kernel.ts";
