/** The share of targets within intervals, on rows that have a target. */
import { binomialInterval } from "../../metrics/index.ts";
import { expertId } from "../evaluate.ts";
import type { Model } from "../model.ts";
import type { Prediction } from "../predict.ts";
import { errorsNeeded } from "./conformal.ts";
import { calibrationOf, createIntervals, type Intervals } from "./intervals.ts";

/** A set of rows, and the number of them whose target lies within the interval. */
export interface Coverage {
  readonly nSamples: number;
  readonly nCovered: number;
  /** Their share; null without rows. */
  readonly coverage: number | null;
  /** In the target's units; null without rows. */
  readonly meanWidth: number | null;
  /** The range of 99 % of such shares if each interval is right with the level's probability. */
  readonly byChance: readonly [least: number, most: number] | null;
}

export interface RegimeCoverage extends Coverage {
  /** The expert of the regime. */
  readonly expert: string;
  /** Whether the intervals come from errors of this regime only. */
  readonly isOwn: boolean;
  /** Held-out errors that the intervals come from. */
  readonly nErrors: number;
}

export interface IntervalEvaluation extends Coverage {
  readonly level: number;
  readonly perRegime: readonly RegimeCoverage[];
}

const CHANCE_SHARE = 0.99;

/**
 * @param y - The targets in the target's units. Shape (nRows,).
 * @throws as `createIntervals`.
 */
export function evaluateIntervals(
  model: Model,
  prediction: Prediction,
  y: Float64Array,
  level: number,
): IntervalEvaluation {
  const { member, pooled, regimes } = calibrationOf(model);
  const intervals = createIntervals(model, level)(prediction);
  const { experts } = prediction.routes[member]!;
  const needed = errorsNeeded(level);
  const all = [...y.keys()];
  const perRegime = regimes.map((calibrated, k): RegimeCoverage => {
    const rows = all.filter((i) => experts[i] === k);
    const isOwn = calibrated !== null && calibrated.nErrors >= needed;
    const { nErrors } = isOwn ? calibrated : pooled;
    const expert = expertId(member, k);
    return { expert, isOwn, nErrors, ...coverageOf(intervals, y, rows, level) };
  });
  return { level, ...coverageOf(intervals, y, all, level), perRegime };
}

function coverageOf(
  { lower, upper }: Intervals,
  y: Float64Array,
  rows: readonly number[],
  level: number,
): Coverage {
  const nSamples = rows.length;
  const nCovered = rows.filter((i) => lower[i]! <= y[i]! && y[i]! <= upper[i]!).length;
  if (nSamples === 0) {
    return { nSamples, nCovered, coverage: null, meanWidth: null, byChance: null };
  }
  const meanWidth = rows.reduce((sum, i) => sum + upper[i]! - lower[i]!, 0) / nSamples;
  const [least, most] = binomialInterval(nSamples, level, CHANCE_SHARE);
  const byChance = [least / nSamples, most / nSamples] as const;
  return { nSamples, nCovered, coverage: nCovered / nSamples, meanWidth, byChance };
}
