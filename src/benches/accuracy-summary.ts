export interface AccuracyMeasurements {
  readonly rows: readonly AccuracyRow[];
}

import type { AccuracyRow } from "./accuracy-split.ts";
import type { Figure } from "./figures.ts";
export function summariseAccuracy(rows: readonly AccuracyRow[]): {
  measurements: AccuracyMeasurements;
  figures: readonly Figure[];
  versions: Record<string, string>;
} {
  return { measurements: { rows }, figures: [], versions: {} };
}
