/** A calibration to match a model of `makeContent`, with errors drawn at random. */
import type { BundleContent } from "../../src/bundle/index.ts";
import { type Calibration, calibrate } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";

export interface CalibrationPlan {
  readonly seed?: number;
  readonly member?: number;
  /** Errors of each regime; 30 are enough for quantiles of its own. */
  readonly perRegime?: number;
}

/** The content with what intervals are told by. */
export function calibrated(
  content: BundleContent,
  { seed = 1, member = 0, perRegime = 150 }: CalibrationPlan = {},
): BundleContent & { readonly model: { readonly intervals: Calibration } } {
  const rng = createRng(seed);
  const nRegimes = content.model.members[member]!.mixture.experts.length;
  const errors = Float64Array.from({ length: nRegimes * perRegime }, (_, i) => {
    return (1 + (i % nRegimes)) * rng.normal();
  });
  const regimes = errors.map((_, i) => i % nRegimes);
  const intervals = calibrate(errors, regimes, nRegimes, member);
  return { ...content, model: { ...content.model, intervals } };
}
