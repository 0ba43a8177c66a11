/** What an update moved: rows that no affected expert has a say in must keep their answers. */
import { unscaleTarget } from "../../data/index.ts";
import type { Engine, Samples } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import {
  combineMembers,
  type MixtureAnswers,
  type Model,
  type Prediction,
  predictMixture,
  predictRouted,
  type Route,
  standardRange,
} from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";

export interface MeasuredChange {
  /** Root mean squared errors over all rows given, in the target's units; null without rows. */
  readonly errorBefore: number | null;
  readonly errorAfter: number | null;
  /** Rows in which no affected expert has a say, before or after. */
  readonly nUnaffected: number;
  /** Of their answers, in the target's units: 0. */
  readonly maxChange: number;
}

/** A model before and after, and what the members before answered. */
interface Step {
  readonly before: Model;
  readonly after: Model;
  readonly answers: readonly MixtureAnswers[];
}

/**
 * @param affected - The affected experts of each member.
 * @returns the change, and what the model after it answers.
 */
export function measureChange(
  engine: Engine,
  { before, after, answers }: Step,
  affected: readonly (readonly number[])[],
  { X, y }: Samples,
): { readonly change: MeasuredChange; readonly prediction: Prediction } {
  const was = combineMembers(before, answers, X.nRows);
  const next = after.members.map((_, m) => answerAgain(engine, { before, after, answers }, m, X));
  const is = combineMembers(after, next, X.nRows);
  const touched = (routes: readonly Route[], model: Model, i: number): boolean =>
    routes.some((route, m) => {
      const hard = model.members[m]!.mixture.recombination === "hard";
      return affected[m]!.some((k) => hasSay(route, i, k, hard));
    });
  let [nUnaffected, maxChange] = [0, 0];
  for (let i = 0; i < X.nRows; i++) {
    if (touched(was.routes, before, i) || touched(is.routes, after, i)) continue;
    nUnaffected += 1;
    maxChange = Math.max(maxChange, Math.abs(was.values[i]! - is.values[i]!));
  }
  const truths = unscaleTarget(y, before.preprocessing.target);
  const errorOf = (values: Float64Array): number | null => {
    if (X.nRows === 0) return null;
    const squares = values.map((value, i) => (value - truths[i]!) ** 2);
    return Math.sqrt(mean(squares));
  };
  const errors = { errorBefore: errorOf(was.values), errorAfter: errorOf(is.values) };
  return { change: { ...errors, nUnaffected, maxChange }, prediction: is };
}

/** What has not changed since is not asked again. */
function answerAgain(
  engine: Engine,
  { before, after, answers }: Step,
  m: number,
  X: Matrix,
): MixtureAnswers {
  const [was, is] = [before.members[m]!.mixture, after.members[m]!.mixture];
  if (was === is) return answers[m]!;
  const range = standardRange(after.preprocessing.target);
  if (was.gate !== is.gate) return predictMixture(engine, is, X, range);
  return predictRouted(engine, is, { X, route: answers[m]!.route }, range);
}

function hasSay(
  { nExperts, experts, scores }: Route,
  i: number,
  k: number,
  hard: boolean,
): boolean {
  if (k >= nExperts) return false;
  return hard ? experts[i] === k : scores[i * nExperts + k]! > 0;
}
