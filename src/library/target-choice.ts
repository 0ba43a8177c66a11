/**
 * Whether a model learns the logarithm of its target: where a positive target spans decades, its
 * large values hide the small ones, and the logarithm has a lower error, or it has not.
 *
 * Ridges and boosted trees are fitted in folds to both, and the better of the two families is
 * compared on held-out rows, in the user's unit.
 */
import {
  answersInUnits,
  fitTarget,
  type SelectedTarget,
  scaleTarget,
  type TargetScale,
  type TargetTransform,
  withFactor,
} from "../data/index.ts";
import { fitRidge, fitTrees, predictRidge, predictTrees, type Samples } from "../experts/index.ts";
import { mean, standardError } from "../metrics/index.ts";
import { clip, innerFolds, standardise, targetRange } from "../mixture/index.ts";
import type { TransformChoice } from "../shared/choices.ts";
import { figure } from "../shared/wording.ts";
import type { Chosen } from "./date-choice.ts";
import { answerHeldOut, type Family } from "./quick-fits.ts";

/** The quantile at 95 % must be as many times the one at 5 %: a decade. */
const LEAST_SPAN = 10;
/** From here on a target that is learnt as it is gets a warning: three decades. */
const WIDE_SPAN = 1000;
/** Of more rows, as many are tried. */
const MOST_ROWS = 1500;
const FOLDS = 5;
const SEED = 1;
/** The logarithm's mean square must be lower by this share, and by a standard error. */
const LEAST_GAIN = 0.05;
/** A quadratic ridge of more columns has too many terms. */
const MOST_QUADRATIC = 12;
const MOST_LINEAR = 300;
const TREES = [{ cuts: "best", depth: 4, nTrees: 300 }] as const;

/** The rows with how their target is learnt, and a sentence about it where that is a logarithm. */
export function chooseTransform(selected: SelectedTarget, choice: TransformChoice): Chosen {
  if (choice === "none") return { selected, notes: [] };
  if (choice === "log") return { selected: { ...selected, transform: "log" }, notes: [] };
  const times = spanOf(selected.y);
  if (times < LEAST_SPAN) return { selected, notes: [] };
  const some = takeSome(selected);
  const [plain, log] = [bestOf(some, undefined), bestOf(some, "log")];
  const gains = plain.losses.map((loss, i) => loss - log.losses[i]!);
  const isLower = mean(log.losses) < (1 - LEAST_GAIN) * mean(plain.losses);
  if (!isLower || mean(gains) <= standardError(gains)) {
    return { selected, notes: times < WIDE_SPAN ? [] : [describeWide(selected, times)] };
  }
  const errors = [log, plain].map(({ losses }) => figure(Math.sqrt(mean(losses))));
  const note =
    `target "${selected.targetName}" spans decades: the model learns its logarithm, by which ` +
    `held-out RMSE is ${errors[0]} and not ${errors[1]} in quick fits; ` +
    "--target-transform none learns it as it is";
  return { selected: { ...selected, transform: "log" }, notes: [note] };
}

/** The quantile at 95 % ÷ the one at 5 %; 0 of targets that are not all positive. */
function spanOf(y: Float64Array): number {
  const sorted = y.slice().sort();
  const at = (level: number): number => sorted[Math.round(level * (sorted.length - 1))]!;
  return sorted[0]! > 0 ? at(0.95) / at(0.05) : 0;
}

/** The largest values alone make up the error in the user's unit: it says nothing of the others. */
function describeWide({ targetName }: SelectedTarget, times: number): string {
  return (
    `target "${targetName}" spans decades, its quantile at 95 % is ${figure(times)} times the ` +
    "one at 5 %: the error is mostly that of its largest values, by which the logarithm is no " +
    "better; where per cents matter, --target-transform log learns the logarithm"
  );
}

/** Evenly spaced rows, standardised with the target as it is. */
interface Some {
  readonly name: string;
  readonly y: Float64Array;
  readonly samples: Samples;
}

function takeSome(selected: SelectedTarget): Some {
  const { y, targetName: name } = selected;
  const n = Math.min(MOST_ROWS, y.length);
  const rows = Int32Array.from({ length: n }, (_, i) => Math.floor((i * y.length) / n));
  const { samples } = standardise(selected, rows);
  return { name, y: Float64Array.from(rows, (i) => y[i]!), samples };
}

/** Squared held-out errors in the user's unit, row by row. */
interface Tried {
  readonly losses: Float64Array;
}

/** Of the families, the one with the lowest error. */
function bestOf({ name, y, samples: given }: Some, transform: TargetTransform | undefined): Tried {
  const target = fitTarget(name, y, transform);
  const samples = { ...given, y: scaleTarget(y, target) };
  const tried = FAMILIES.map((answersOf) => lossesOf(samples, y, target, answersOf));
  return tried.reduce((a, b) => (mean(b.losses) < mean(a.losses) ? b : a));
}

const FAMILIES: readonly Family[] = [
  (seen, X) => predictTrees(fitTrees(seen, SEED, TREES), X),
  (seen, X) => {
    if (X.nColumns > MOST_LINEAR) return new Float64Array(X.nRows).fill(mean(seen.y));
    return predictRidge(fitRidge(seen, X.nColumns <= MOST_QUADRATIC ? 2 : 1), X);
  },
];

function lossesOf(
  samples: Samples,
  y: Float64Array,
  target: TargetScale,
  answersOf: Family,
): Tried {
  const folds = innerFolds(samples, { folds: FOLDS, seed: SEED });
  const answers = answerHeldOut(samples, folds, (seen, X) => {
    const range = targetRange(seen.y);
    return Float64Array.from(answersOf(seen, X), (answer) => clip(answer, range));
  });
  const inUnits = answersInUnits(answers, withFactor(target, answers, samples.y));
  return { losses: inUnits.map((value, i) => (value - y[i]!) ** 2) };
}
