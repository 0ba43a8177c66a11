/** Whether a change holds on rows held out. */

import type { TargetScale } from "../../data/index.ts";
import { mean } from "../../metrics/index.ts";
import { median } from "../../shared/statistics.ts";
import type { Decision } from "../decide/index.ts";
import type { Learnt } from "./expert/index.ts";
import type { Verified } from "./outcome.ts";

/** The middle squared error must fall below this share of what it was. */
const LESS = 0.95;
/** A mean that falls below this share does not fall by learning some wrong targets' mean. */
const MUCH_LESS = 0.5;

type HeldOutErrors = Pick<Learnt, "heldOut" | "heldOutBefore">;

/**
 * Whether held-out rows are predicted better. A change of law must show in the middle of the errors
 * too: where it shows only in their mean, some targets are wrong, and no expert can learn that.
 */
export function isBetter(
  { heldOut, heldOutBefore }: HeldOutErrors,
  { action, errorExpected }: Decision,
): boolean {
  const square = (errors: Float64Array): Float64Array => errors.map((error) => error ** 2);
  const [after, before] = [square(heldOut), square(heldOutBefore)];
  if (mean(after) >= mean(before)) return false;
  if (mean(after) < MUCH_LESS * mean(before)) return true;
  const isLaw = action !== "retrain" || errorExpected !== null;
  return !isLaw || median(after) < LESS * median(before);
}

export function verify({ heldOut, heldOutBefore }: HeldOutErrors, target: TargetScale): Verified {
  const before = rootMean(heldOutBefore, target);
  return { nRows: heldOut.length, before, after: rootMean(heldOut, target) };
}

/** @param errors - Standardised. */
export function rootMean(errors: Float64Array, { scale }: TargetScale): number {
  return Math.sqrt(mean(errors.map((error) => error ** 2))) * scale;
}

export function refusal({ nRows, before, after }: Verified): string {
  const figures = `${before.toPrecision(3)} before and ${after.toPrecision(3)} after`;
  return `training did not help on ${nRows} held-out rows: error ${figures}`;
}
