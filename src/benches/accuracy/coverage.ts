/** Whether intervals hold what they promise, on held-out rows. */
import type { Samples } from "../../experts/index.ts";
import {
  calibrateCommittee,
  type Executor,
  type FittedCommittee,
  halfWidth,
  routeRows,
} from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";

export interface Coverage {
  readonly level: number;
  /** Of each regime: test rows, and those whose interval held the truth. */
  readonly regimes: readonly RegimeCoverage[];
  /** Mean widths over the test rows, standardised: by regime, and one interval for all. */
  readonly meanWidth: number;
  readonly pooledWidth: number;
}

export interface RegimeCoverage {
  readonly nRows: number;
  readonly nCovered: number;
  /** The regime's held-out rows behind the interval's width; 0 if it rests on all regimes' rows. */
  readonly nHeldOut: number;
}

/** The part of the truths that an interval is asked to hold. */
const LEVEL = 0.9;

interface Tested {
  readonly samples: Samples;
  readonly unseen: Matrix;
  /** Standardised, of the unseen rows. */
  readonly truth: Float64Array;
  readonly values: Float64Array;
}

/** Regimes are those of the gate that has most to say in the committee, from the inputs alone. */
export function measureCoverage(
  fitted: FittedCommittee,
  { samples, unseen, truth, values }: Tested,
  { engine }: Executor,
): Coverage {
  const calibration = calibrateCommittee(engine, fitted, samples);
  const { mixture } = fitted.members[calibration.member]!;
  const routed = routeRows(engine, mixture, unseen).experts;
  const halves = mixture.experts.map((_, k) => halfWidth(calibration, k, LEVEL));
  const regimes = halves.map((half, k) => {
    const rows = [...routed.keys()].filter((i) => routed[i] === k);
    const covered = rows.filter((i) => Math.abs(values[i]! - truth[i]!) <= half);
    const nHeldOut = calibration.regimes[k]?.nErrors ?? 0;
    return { nRows: rows.length, nCovered: covered.length, nHeldOut };
  });
  const meanWidth = routed.reduce((sum, k) => sum + 2 * halves[k]!, 0) / routed.length;
  return { level: LEVEL, regimes, meanWidth, pooledWidth: 2 * halfWidth(calibration, null, LEVEL) };
}
