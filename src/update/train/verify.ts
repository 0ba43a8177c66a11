/**
 * Whether a change holds: on new rows held out in time, and on old rows held out.
 *
 * A change of law must lower the middle of the errors on new rows, and the new law must explain its
 * targets. Where the law is to stay (more rows, or strange ones beside), old rows must be predicted
 * as well as before. What a new law does to old rows is reported.
 */
import { type TargetScale, unitOf } from "../../data/index.ts";
import { mean } from "../../metrics/index.ts";
import { median } from "../../shared/statistics.ts";
import type { Decision } from "../decide/index.ts";
import type { Learnt } from "./expert/index.ts";
import type { Verified } from "./outcome.ts";

/** The middle squared error must fall below this share of what it was. */
const LESS = 0.95;
/** A mean that falls below this share does not fall by learning some wrong targets' mean. */
const MUCH_LESS = 0.5;
/** A law that explained less than this share of its targets' spread may explain nothing. */
const LEAST_EXPLAINED = 0.2;
/** A new law must explain this much of what the old one explained. */
const LEAST_SKILL = 0.25;
/** Held-out rows that are enough to say that targets follow no law. */
const LEAST_ROWS = 12;
/** Where a law stays, the mean square on its old rows may grow by this factor. */
const OLD_GROWTH = 1.5;

/** Errors on rows that nothing was learnt from. */
type HeldOut = Pick<Learnt, "heldOut" | "heldOutBefore" | "heldTargets" | "oldRows">;

/**
 * Why a change is not made; null if it holds.
 *
 * @param expected - Mean square of the expert's errors while its law held, standardised.
 */
export function refusalOf(
  held: HeldOut,
  decision: Decision,
  verified: Verified,
  expected: number,
): string | null {
  const { nRows, before, after, old } = verified;
  if (!isBetter(held, decision))
    return `training did not help on ${nRows} ${figures(before, after)}`;
  if (decision.action !== "grow" && isLawless(held, expected)) {
    if (nRows < LEAST_ROWS) {
      const need = `${nRows} held-out rows do not tell a new law from targets of other rows`;
      return `${need}; ${LEAST_ROWS} are needed`;
    }
    const found = `the inputs explain hardly any of their spread on ${nRows} held-out rows`;
    return `the new targets follow no law: ${found}; check that targets belong to their rows`;
  }
  if (isChange(decision) || old === null) return null;
  if (old.after ** 2 <= OLD_GROWTH * old.before ** 2) return null;
  return `the law of the old rows would be lost: on ${old.nRows} ${figures(old.before, old.after)}`;
}

function figures(before: number, after: number): string {
  const errors = `${before.toPrecision(3)} before and ${after.toPrecision(3)} after`;
  return `held-out rows: error ${errors}`;
}

/** Whether another law is to be learnt, not the same one better. */
function isChange({ action, errorExpected }: Decision): boolean {
  return action !== "retrain" || errorExpected !== null;
}

/**
 * Whether held-out rows are predicted better. A change of law must show in the middle of the errors
 * too: where it shows only in their mean, some targets are wrong, and no expert can learn that.
 */
function isBetter({ heldOut, heldOutBefore }: HeldOut, decision: Decision): boolean {
  if (heldOut.length === 0) return false;
  const square = (errors: Float64Array): Float64Array => errors.map((error) => error ** 2);
  const [after, before] = [square(heldOut), square(heldOutBefore)];
  if (mean(after) >= mean(before)) return false;
  if (mean(after) < MUCH_LESS * mean(before)) return true;
  return !isChange(decision) || median(after) < LESS * median(before);
}

/**
 * Targets that do not follow from the inputs (shuffled, of other rows, or one value) make errors
 * grow as another law does, and an expert that learns their mean errs less. It explains nothing of
 * their spread, though, where the old law explained much of its own.
 */
function isLawless({ heldOut, heldOutBefore, heldTargets }: HeldOut, expected: number): boolean {
  const answers = heldOutBefore.map((error, i) => error + heldTargets[i]!);
  const law = varianceOf(answers);
  const explainedBefore = law === 0 ? 0 : law / (law + expected);
  const spread = varianceOf(Float64Array.from(heldTargets));
  const missed = mean(heldOut.map((error) => error ** 2));
  const explained = spread === 0 ? 0 : 1 - missed / spread;
  return explainedBefore >= LEAST_EXPLAINED && explained < LEAST_SKILL * explainedBefore;
}

function varianceOf(values: Float64Array): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

export function verify(held: HeldOut, target: TargetScale): Verified {
  const { heldOut, heldOutBefore, oldRows } = held;
  const old =
    oldRows === null
      ? null
      : {
          nRows: oldRows.before.length,
          before: rootMean(oldRows.before, target),
          after: rootMean(oldRows.after, target),
        };
  const before = rootMean(heldOutBefore, target);
  return { nRows: heldOut.length, before, after: rootMean(heldOut, target), old };
}

/** In the target's units; of a logarithm, at its mean. @param errors - Standardised. */
export function rootMean(errors: Float64Array, target: TargetScale): number {
  return Math.sqrt(mean(errors.map((error) => error ** 2))) * unitOf(target);
}
