/**
 * A preprocessing from sums: a few rounds, whatever the columns hold.
 *
 * Sizes by powers of two say where a column's values lie, histograms over ever narrower ranges give
 * quantiles, and moments around the median give mean and deviation. Values far outside do not set
 * the scale, as in a fit of rows that are here. Quantiles are right to a bin of the last histogram.
 */
import type {
  CategoryFeature,
  Feature,
  NumberFeature,
  Preprocessing,
  TargetScale,
} from "../../data/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import {
  type AskSum,
  BINS,
  bucketRange,
  type DescribedColumn,
  MOMENTS,
  N_BUCKETS,
  type SiteDescription,
} from "../sums/index.ts";

/** The histogram of a column spans these quantiles; that of the target spans all values. */
const [FIRST, LAST] = [0.005, 0.995];
/** Each is up to `BINS` times as fine as the one before. */
const HISTOGRAMS = 3;
/** Values within this many spreads of the median set mean and deviation. */
const FENCE = 10;
/** The target's range is widened by this share of itself. */
const MARGIN = 0.1;
/** A deviation below this share of the mean is rounding. */
const CONSTANT_SHARE = 1e-12;
/** And so is one below this share of the spread. */
const CONSTANT_SPREAD = 1e-3;

export interface Span {
  readonly least: number;
  readonly most: number;
}

/** @throws TARGET_CONSTANT; TOO_FEW_ROWS if no site has a row; as `askSum`. */
export async function learnPreprocessing(
  { columns, target, readings, missing }: SiteDescription,
  askSum: AskSum,
): Promise<Preprocessing> {
  const numbers = columns.filter(({ type }) => type === "number");
  const names = numbers.map(({ name }) => name);
  const categories = columns.filter(({ type }) => type === "category");
  const sizes = await askSum({ kind: "buckets", names, categories });
  const shares = [...names.map(() => [FIRST, LAST] as const), [0, 1] as const];
  const wide = shares.map((ends, c) => {
    return spanOf(sizes.subarray(c * N_BUCKETS, (c + 1) * N_BUCKETS), ends);
  });
  const quantiles = await findQuantiles(names, { wide, shares }, askSum);
  const fences = quantiles.map((own, c) => (c === names.length ? EVERYTHING : fenceOf(own)));
  const centres = quantiles.map(({ at }) => at(0.5));
  const units = quantiles.map((at, c) => at.spread || wide[c]!.most - wide[c]!.least);
  const moments = await askSum({ kind: "moments", names, ...ends(fences), centres, units });
  const scales = centres.map((centre, c) => {
    const own = moments.subarray(c * MOMENTS, (c + 1) * MOMENTS);
    return scaleOf(own, { centre, unit: units[c]! });
  });
  let at = (names.length + 1) * N_BUCKETS;
  const counts = categories.map(({ levels }) => {
    const own = sizes.subarray(at, at + levels.length + 2);
    at += own.length;
    return own;
  });
  const features = columns.map((column): Feature => {
    if (column.type === "category") return categoryOf(column, counts[categories.indexOf(column)]!);
    const c = numbers.indexOf(column);
    return numberOf(column, centres[c]!, scales[c]!);
  });
  const last = names.length;
  return {
    features,
    target: targetOf(target, scales[last]!, quantiles[last]!),
    ...(missing === undefined ? {} : { missing }),
    ...(readings.length === 0 ? {} : { readings }),
  };
}

const EVERYTHING: Span = { least: -Number.MAX_VALUE, most: Number.MAX_VALUE };

function ends(spans: readonly Span[]): { least: number[]; most: number[] } {
  return { least: spans.map(({ least }) => least), most: spans.map(({ most }) => most) };
}

/** From the bucket of the one quantile to that of the other. */
function spanOf(counts: Float64Array, [first, last]: readonly [number, number]): Span {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return { least: -1, most: 1 };
  const bucketAt = (share: number): number => {
    let below = 0;
    const wanted = Math.max(1, share * total);
    return counts.findIndex((n) => {
      below += n;
      return n > 0 && below >= wanted;
    });
  };
  return { least: bucketRange(bucketAt(first))[0], most: bucketRange(bucketAt(last))[1] };
}

export interface Quantiles {
  /** Even within a bin; those outside of the span are its ends. */
  at(share: number): number;
  readonly bin: number;
  /** The standard deviation of a normal column; 0 if most values lie in one bin. */
  readonly spread: number;
}

/** Histograms, each over the range that the one before has for a column's shares. */
async function findQuantiles(
  names: readonly string[],
  {
    wide,
    shares,
  }: {
    readonly wide: readonly Span[];
    readonly shares: readonly (readonly [number, number])[];
  },
  askSum: AskSum,
): Promise<readonly Quantiles[]> {
  let spans = wide;
  for (let round = 1; ; round++) {
    const counts = await askSum({ kind: "histogram", names, ...ends(spans) });
    const quantiles = spans.map((span, c) => {
      return quantilesOf(counts.subarray(c * (BINS + 2), (c + 1) * (BINS + 2)), span);
    });
    if (round === HISTOGRAMS) return quantiles;
    spans = quantiles.map(({ at, bin }, c) => {
      const [first, last] = shares[c]!;
      return { least: at(first) - bin, most: at(last) + bin };
    });
  }
}

/** Of counts below a span, in its bins, and above it. */
export function quantilesOf(counts: Float64Array, { least, most }: Span): Quantiles {
  const nBins = counts.length - 2;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const at = (share: number): number => {
    let below = counts[0]!;
    const wanted = share * total;
    if (below > wanted) return least;
    for (let bin = 1; bin <= nBins; bin++) {
      const own = counts[bin]!;
      if (own > 0 && below + own >= wanted) {
        const within = (wanted - below) / own;
        return least + ((bin - 1 + within) / nBins) * (most - least);
      }
      below += own;
    }
    return most;
  };
  const bin = (most - least) / nBins;
  const isOne = at(0.95) - at(0.05) < 1.5 * bin;
  const spread = Math.max((at(0.75) - at(0.25)) / 1.349, (at(0.95) - at(0.05)) / 3.29);
  return { at, bin, spread: isOne ? 0 : spread };
}

function fenceOf({ at, spread }: Quantiles): Span {
  if (spread === 0) return EVERYTHING;
  return { least: at(0.5) - FENCE * spread, most: at(0.5) + FENCE * spread };
}

interface Scaled {
  readonly nRows: number;
  readonly nPresent: number;
  readonly nWithin: number;
  readonly mean: number;
  readonly deviation: number;
}

/** A missing value counts as the centre. */
function scaleOf(
  moments: Float64Array,
  { centre, unit }: { readonly centre: number; readonly unit: number },
): Scaled {
  const [nRows = 0, nPresent = 0, nWithin = 0, first = 0, second = 0] = moments;
  const n = nWithin + nRows - nPresent;
  if (n === 0) throw new BailiwickError("TOO_FEW_ROWS", "sites must have rows, got none");
  const shift = first / n;
  const deviation = unit * Math.sqrt(Math.max(0, second / n - shift * shift));
  const mean = centre + unit * shift;
  const rounding = Math.max(CONSTANT_SHARE * Math.abs(mean), CONSTANT_SPREAD * unit);
  const isRounding = deviation <= rounding;
  return { nRows, nPresent, nWithin, mean, deviation: isRounding ? 0 : deviation };
}

function numberOf({ name, from }: DescribedColumn, median: number, scaled: Scaled): NumberFeature {
  const { nRows, nPresent, nWithin, mean, deviation } = scaled;
  const constant = nPresent === 0 ? "no values" : deviation === 0 ? "one value" : undefined;
  return {
    type: "number",
    name,
    median: nPresent === 0 ? 0 : median,
    mean: nPresent === 0 ? 0 : mean,
    scale: deviation === 0 ? 1 : deviation,
    indicator: nPresent < nRows && nPresent > 0,
    ...(nWithin < nPresent ? { tails: "bounded" as const } : {}),
    ...(constant === undefined ? {} : { constant }),
    ...(from === undefined ? {} : { from }),
  };
}

/** @param counts - Of the levels, of others, of missing cells. */
function categoryOf({ name, levels }: DescribedColumn, counts: Float64Array): CategoryFeature {
  const nRows = counts.reduce((sum, n) => sum + n, 0);
  const [others, missing] = [counts[levels.length]!, counts[levels.length + 1]!];
  const rare = others === 0 ? {} : { rare: others / nRows };
  const feature: CategoryFeature = { type: "category", name, levels, ...rare };
  if (levels.length === 0) return { ...feature, constant: "no values" };
  if (others + missing > 0) return feature;
  return { ...feature, ...(levels.length === 1 ? { constant: "one value" } : { closed: true }) };
}

function targetOf(name: string, { mean, deviation }: Scaled, { at, bin }: Quantiles): TargetScale {
  if (deviation === 0) {
    const message = `target "${name}" must vary, it has one value at all sites`;
    throw new BailiwickError("TARGET_CONSTANT", message, { target: name });
  }
  const [lowest, highest] = [at(0) - bin, at(1) + bin];
  const margin = MARGIN * (highest - lowest);
  return { name, mean, scale: deviation, least: lowest - margin, most: highest + margin };
}
