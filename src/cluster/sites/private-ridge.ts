/**
 * A ridge from three noised sums: the number of rows, histograms of the columns, and the moments
 * that the ridge is solved from. All else that it needs is publicly known, or follows from these.
 *
 * The first sum has little of ε, and decides whether the others are worth it. It knows no sites,
 * only how to ask for a sum.
 */
import type { Feature, NumberFeature, Preprocessing } from "../../data/index.ts";
import { matrixWidth } from "../../data/index.ts";
import {
  addedByNoise,
  countPrivateTerms,
  linearPart,
  MAX_TERMS,
  type PrivateForm,
  type PrivateRidge,
  type RidgeExpert,
  ridgeOfPrivateSums,
} from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Progress } from "../../shared/progress.ts";
import { figure, percent } from "../../shared/wording.ts";
import { gaussianEpsilon, gaussianNoise, joinedNoise } from "../privacy/index.ts";
import { type AskSum, countOfRow, NOISED_BINS } from "../sums/index.ts";
import type { Bounds, Range } from "./bounds.ts";
import { quantilesOf } from "./learn-preprocessing.ts";

export interface PrivateOptions {
  readonly bounds: Bounds;
  readonly epsilon: number;
  readonly delta: number;
}

export interface PrivateFit {
  readonly preprocessing: Preprocessing;
  readonly expert: RidgeExpert;
  /** As the noised sum has it: about. */
  readonly nRows: number;
  readonly epsilon: number;
  readonly sums: number;
  /** What noise adds to the squared error at least, as a share of the target's variance. */
  readonly added: number;
}

/** Shares of 1/σ²: ε is that of one sum with the noise σ. */
const SHARES = { count: 0.01, histograms: 0.1, ridge: 0.89 };
/**
 * The squared error that noise may add, as a share of the target's variance. What is computed is
 * that of columns without correlation: of those in bench sites it was 2 to 20 times as much.
 */
const MOST_ADDED = 0.002;
/** Where squares and products are tried: they often explain more than this. */
const MOST_ADDED_QUADRATIC = 0.01;
/** R² ÷ the mean square of a row of terms: few rows are longer. */
const ROOM = 1.3;
/** Y: standardised targets beyond it weigh less. */
const TARGET_RADIUS = 3;
/** More terms take longer to sum than they are worth. */
const MOST_TERMS = MAX_TERMS / 3;
/** Quantiles beyond which a noised histogram is noise, about. */
const OUTER = 0.005;
/** Of values that lie evenly in one bin, whose width is 1. */
const LEAST_VARIANCE = 1 / 12;

/**
 * @param noiseExcess - Variance of the noise that the sums have ÷ of the noise that is stated.
 * @throws TOO_FEW_ROWS saying that it is not worth it, with the figures; as `askSum`.
 */
export async function fitPrivateRidge(
  { bounds, epsilon, delta }: PrivateOptions,
  { askSum, noiseExcess }: { readonly askSum: AskSum; readonly noiseExcess: number },
  progress: Progress,
): Promise<PrivateFit> {
  const noise = gaussianNoise(epsilon, delta);
  const noiseOf = (part: keyof typeof SHARES): number => noise / Math.sqrt(SHARES[part]);
  progress("rows", 0);
  const counted = await askSum({
    kind: "noised histogram",
    names: [],
    ...ends([bounds.targetRange]),
    noise: noiseOf("count"),
  });
  const nRows = counted[0]! / countOfRow(0);
  const noiseInSum = Math.sqrt(noiseExcess) * noiseOf("ridge");
  const form = chooseForm(bounds, { nRows, noise: noiseInSum });
  if (form.crossed.length === 0 && form.added > MOST_ADDED) {
    throw notWorthIt({ nRows, added: form.added, epsilon, delta, spent: noiseOf("count") });
  }
  progress("columns", 1 / 3);
  const names = bounds.numbers.map(({ name }) => name);
  const ranges = [...bounds.numbers.map(({ range }) => range), bounds.targetRange];
  const asked = { kind: "noised histogram", names, ...ends(ranges) } as const;
  const histograms = await askSum({ ...asked, noise: noiseOf("histograms") });
  const preprocessing = preprocessingOf(bounds, histograms.subarray(1));
  progress("ridge", 2 / 3);
  const ridge = { kind: "noised ridge", preprocessing, ...form } as const;
  const sums = await askSum({ ...ridge, noise: noiseOf("ridge") });
  const { expert, added } = bestRidge(sums, form, { nRows, noise: noiseInSum });
  const noises = (["count", "histograms", "ridge"] as const).map(noiseOf);
  return {
    preprocessing,
    expert,
    nRows: Math.max(1, Math.round(nRows)),
    epsilon: gaussianEpsilon(joinedNoise(noises), delta),
    sums: noises.length,
    added,
  };
}

function ends(ranges: readonly Range[]): { least: number[]; most: number[] } {
  return { least: ranges.map(([least]) => least), most: ranges.map(([, most]) => most) };
}

type ChosenForm = PrivateForm & { readonly added: number };

/** What the noise of the ridge's sum does. */
interface InSum {
  readonly nRows: number;
  readonly noise: number;
}

/** With squares and products where noise may let them be learnt. */
function chooseForm(bounds: Bounds, inSum: InSum): ChosenForm {
  const { features } = preprocessingOf(bounds, null);
  const nFeatures = matrixWidth(features);
  const numbers = bounds.numbers.map((_, place) => place);
  const formOf = (crossed: readonly number[]): ChosenForm => {
    const nTerms = countPrivateTerms({ nFeatures, crossed });
    // One of the columns of a category is 1, the others are 0.
    const zeros = nFeatures - numbers.length - bounds.categories.length;
    const radius = Math.sqrt(ROOM * (1 + nTerms - zeros));
    const form = { nFeatures, crossed, radius, targetRadius: TARGET_RADIUS };
    return { ...form, added: addedByNoise(form, inSum) };
  };
  const quadratic = formOf(numbers);
  const isSmall = countPrivateTerms(quadratic) <= MOST_TERMS;
  return isSmall && quadratic.added <= MOST_ADDED_QUADRATIC ? quadratic : formOf([]);
}

/** With squares and products if the noised sum says that they are worth their noise. */
function bestRidge(
  sums: Float64Array,
  form: PrivateForm,
  inSum: InSum,
): PrivateRidge & { readonly added: number } {
  const whole = { sums, form };
  const forms = form.crossed.length === 0 ? [whole] : [linearPart(sums, form), whole];
  const ridges = forms.map((own) => ({
    ...ridgeOfPrivateSums(own.sums, own.form, inSum.noise),
    added: addedByNoise(own.form, inSum),
  }));
  return ridges.reduce((best, own) => (own.mse + own.added < best.mse + best.added ? own : best));
}

/** Numbers first, then categories. @param histograms - Of numbers and target; null before any. */
function preprocessingOf(bounds: Bounds, histograms: Float64Array | null): Preprocessing {
  const { numbers, categories, target, targetRange } = bounds;
  const scaleOf = (place: number, range: Range): Scale => {
    const size = NOISED_BINS + 2;
    if (histograms === null) return { centre: 0, scale: 1 };
    return scaleIn(histograms.subarray(place * size, (place + 1) * size), range);
  };
  const ofNumbers = numbers.map(({ name, range }, place): NumberFeature => {
    const { centre, scale } = scaleOf(place, range);
    return { type: "number", name, median: centre, mean: centre, scale, indicator: false };
  });
  const ofCategories = categories.map(({ name, levels }): Feature => {
    return { type: "category", name, levels };
  });
  const { centre, scale } = scaleOf(numbers.length, targetRange);
  const [least, most] = targetRange;
  return {
    features: [...ofNumbers, ...ofCategories],
    target: { name: target, mean: centre, scale, least, most },
  };
}

interface Scale {
  readonly centre: number;
  readonly scale: number;
}

/** Mean and deviation of a noised histogram, between its outer quantiles. */
function scaleIn(counts: Float64Array, [least, most]: Range): Scale {
  const { at, bin } = quantilesOf(counts, { least, most });
  const [first, last] = [at(OUTER), at(1 - OUTER)];
  let [n, sum, squares] = [0, 0, 0];
  counts.forEach((own, place) => {
    const value = Math.min(most, Math.max(least, least + (place - 0.5) * bin));
    if (value < first - bin || value > last + bin) return;
    n += own;
    sum += own * value;
    squares += own * value * value;
  });
  const mean = sum / n;
  const variance = squares / n - mean * mean;
  const isFound = n > 0 && mean >= least && mean <= most && variance > bin * bin * LEAST_VARIANCE;
  return isFound
    ? { centre: mean, scale: Math.sqrt(variance) }
    : { centre: at(0.5), scale: bin * Math.sqrt(LEAST_VARIANCE) };
}

interface NotWorth extends Pick<PrivateOptions, "epsilon" | "delta"> {
  readonly nRows: number;
  readonly added: number;
  /** Noise of the sum that was asked. */
  readonly spent: number;
}

function notWorthIt({ nRows, added, epsilon, delta, spent }: NotWorth): BailiwickError {
  const rows = Math.max(0, Math.round(nRows));
  const needed = Math.ceil(nRows * Math.sqrt(added / MOST_ADDED));
  const enough = Number.isFinite(added) ? `, about ${figure(needed)} rows would be enough` : "";
  const message =
    `not worth it: of about ${figure(rows)} rows a private model at ε ${figure(epsilon)} and ` +
    `δ ${delta} would have a squared error higher by ${percent(added)} of the target's variance ` +
    `at least, through noise alone; ${percent(MOST_ADDED)} may be added${enough}; ` +
    `ε ${figure(gaussianEpsilon(spent, delta))} is spent on the count`;
  return new BailiwickError("TOO_FEW_ROWS", message, { rows, added });
}
