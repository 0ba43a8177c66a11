/** What the splits' intervals held, condensed to one set. */
import { binomialInterval, conformalInterval } from "../../metrics/index.ts";
import type { RegimeCoverage } from "./coverage.ts";
import type { AccuracyRow } from "./row.ts";

export interface SetCoverage {
  /** Test rows of all splits. */
  readonly nRows: number;
  /** The part of them whose truth lay within its interval. */
  readonly share: number;
  /** Regimes with test rows enough to be judged: each of every split for itself. */
  readonly nRegimes: number;
  /** Those among them that hold too few truths or too many for it to be luck. */
  readonly nOutside: number;
  /** Those still outside when the chance in the interval's width is allowed for. */
  readonly nOutsideConformal: number;
  /** Mean width with an interval a regime ÷ the width of one interval for all. */
  readonly widthVsGlobal: number;
}

/** A regime of fewer test rows says too little. */
const MIN_ROWS = 20;
const CONFIDENCE = 0.99;

/** A regime whose width rests on the errors of all regimes has many of them. */
function isOutsideConformal({ nRows, nCovered, nHeldOut, level }: Judged): boolean {
  if (nHeldOut === 0) return true;
  const ofLevel = { level, nErrors: nHeldOut, confidence: CONFIDENCE };
  const [least, most] = conformalInterval(nRows, ofLevel);
  return nCovered < least || nCovered > most;
}

interface Judged extends RegimeCoverage {
  readonly level: number;
}

/**
 * A regime is judged within its split: another split has another mixture, whose regimes are not
 * the same ones. It is outside if a binomial count of its size would be there less than once in a
 * hundred times, half of that at each side. That the width itself was estimated, from the regime's
 * held-out rows, is not allowed for: the bound is a strict one.
 *
 * @param rows - Of one set, one a split.
 */
export function summariseCoverage(rows: readonly Pick<AccuracyRow, "coverage">[]): SetCoverage {
  const regimes = rows.flatMap(({ coverage: { level, regimes: own } }) =>
    own.map((regime) => ({ ...regime, level })),
  );
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const nRows = sum(regimes.map((regime) => regime.nRows));
  const judged = regimes.filter((regime) => regime.nRows >= MIN_ROWS);
  const outside = judged.filter((regime) => {
    const [least, most] = binomialInterval(regime.nRows, regime.level, CONFIDENCE);
    return regime.nCovered < least || regime.nCovered > most;
  });
  const widths = rows.map(({ coverage }) => coverage.meanWidth);
  const pooled = rows.map(({ coverage }) => coverage.pooledWidth);
  return {
    nRows,
    share: sum(regimes.map(({ nCovered }) => nCovered)) / nRows,
    nRegimes: judged.length,
    nOutside: outside.length,
    nOutsideConformal: outside.filter(isOutsideConformal).length,
    widthVsGlobal: sum(widths) / sum(pooled),
  };
}
