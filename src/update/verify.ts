/** Whether a change holds on rows held out, and how what has changed is described. */
import { type Expert, predictExpert, type Samples } from "../experts/index.ts";
import { explainExpert } from "../explain/index.ts";
import { mean } from "../metrics/index.ts";
import {
  clip,
  type Range,
  regimeQuantiles,
  standardRange,
  summariseErrors,
} from "../mixture/index.ts";
import { median } from "../shared/statistics.ts";
import type { Decision } from "./decision.ts";
import type { DraftExpert } from "./draft.ts";
import type { Retrained } from "./retrain.ts";
import type { Work } from "./work.ts";

/** An expert and where its answers are clipped. */
export interface Placed {
  readonly expert: Expert;
  readonly range: Range;
}

/** A decision after it was carried out. */
export interface Outcome extends Decision {
  /** On rows that nothing was learnt from; null if nothing was to be verified. */
  readonly verified: {
    readonly nRows: number;
    /** Root mean squared errors in the target's units. */
    readonly before: number;
    readonly after: number;
  } | null;
  /** New rows that something was learnt from. */
  readonly nLearnt: number;
  /** Whether rows before the first that it has learnt from follow a law that it does not know now. */
  readonly isNewLaw: boolean;
}

/** By which the middle error must fall at least, squared. */
const LESS = 0.95;

/** A mean that falls so far does not fall by learning some wrong targets' mean. */
const MUCH_LESS = 0.5;

export function startOf(
  { current }: Pick<Work, "current">,
  { expert, range }: Pick<DraftExpert, "expert" | "range">,
): Placed {
  return { expert, range: range ?? standardRange(current.model.preprocessing.target) };
}

export function errorsOf(
  { executor, current }: Work,
  { expert, range }: Pick<DraftExpert, "expert" | "range">,
  { X, y }: Samples,
): Float64Array {
  const own = range ?? standardRange(current.model.preprocessing.target);
  const answers = predictExpert(executor.engine, expert, X);
  return Float64Array.from(answers, (value, i) => clip(value, own) - y[i]!);
}

/**
 * Whether held-out rows are predicted better. A change of law must show in the middle of the errors
 * too: where it shows only in their mean, some targets are wrong, and no expert can learn that.
 */
export function isBetter(
  { heldOut, heldOutBefore }: Retrained,
  { action, errorExpected }: Decision,
): boolean {
  const square = (errors: Float64Array): Float64Array => errors.map((error) => error ** 2);
  const [after, before] = [square(heldOut), square(heldOutBefore)];
  if (mean(after) >= mean(before)) return false;
  if (mean(after) < MUCH_LESS * mean(before)) return true;
  const isLaw = action !== "retrain" || errorExpected !== null;
  return !isLaw || median(after) < LESS * median(before);
}

export function verify(
  work: Work,
  { heldOut, heldOutBefore }: Retrained,
): NonNullable<Outcome["verified"]> {
  const nRows = heldOut.length;
  return { nRows, before: rootMean(work, heldOutBefore), after: rootMean(work, heldOut) };
}

export function refused({
  nRows,
  before,
  after,
}: NonNullable<Outcome["verified"]>): Pick<Outcome, "action" | "why" | "nLearnt" | "isNewLaw"> {
  const figures = `${before.toPrecision(3)} before and ${after.toPrecision(3)} after`;
  const why = `training did not help on ${nRows} held-out rows: error ${figures}`;
  return { action: "keep", why, nLearnt: 0, isNewLaw: false };
}

export function rootMean({ current }: Work, errors: Float64Array): number {
  const { scale } = current.model.preprocessing.target;
  return Math.sqrt(mean(errors.map((error) => error ** 2))) * scale;
}

export function placeOf(
  work: Work,
  { expert, range, heldOut }: Retrained,
  share: number,
): Omit<DraftExpert, "explanation"> {
  const { target } = work.current.model.preprocessing;
  const residuals = summariseErrors(heldOut.map((error) => error * target.scale));
  const model = standardRange(target);
  const isWider = range.least < model.least || range.most > model.most;
  const errors = regimeQuantiles(heldOut);
  return { expert, range: isWider ? range : null, report: { share, residuals }, errors };
}

export function explained(
  { executor, current, table, samples }: Work,
  placed: Omit<DraftExpert, "explanation">,
  place: {
    readonly rows: Int32Array;
    readonly nRows: number;
    readonly covered: Samples["X"] | null;
    readonly before: DraftExpert | null;
  },
): DraftExpert {
  if (current.explanation === null) return { ...placed, explanation: null };
  const { rows, nRows, covered, before } = place;
  const { report, expert } = placed;
  const { preprocessing } = current.model;
  const ground = { preprocessing, table: table.features, X: samples.X, rows, report };
  const evidence = { ...ground, nRows, covered, earlier: before?.explanation ?? null };
  return { ...placed, explanation: explainExpert(executor.engine, expert, evidence) };
}
