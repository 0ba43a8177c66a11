/** Whether intervals hold what they promise, on rows that nobody saw. */
import type { Samples } from "../experts/index.ts";
import {
  calibrate,
  type Executor,
  type FittedCommittee,
  halfWidth,
  type Mixture,
  mixHeldOut,
  routeRows,
} from "../mixture/index.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";

export interface Coverage {
  readonly level: number;
  /** Of each regime: test rows, those whose interval held the truth, and where it was its own. */
  readonly regimes: readonly RegimeCoverage[];
  /** Mean widths over the test rows, standardised: by regime, and one interval for all. */
  readonly meanWidth: number;
  readonly pooledWidth: number;
}

export interface RegimeCoverage {
  readonly nRows: number;
  readonly nCovered: number;
  /** Whether the regime had held-out rows enough for a quantile of its own. */
  readonly isOwn: boolean;
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
  { heldOut, weights, mixtures }: FittedCommittee,
  { samples, unseen, truth, values }: Tested,
  { engine }: Executor,
): Coverage {
  const mixture = gatedMixture(weights, mixtures);
  const nRegimes = mixture.experts.length;
  const mixed = mixHeldOut(heldOut, weights);
  const errors = mixed.map((value, r) => value - heldOut.y[r]!);
  const seen = routeRows(engine, mixture, takeRows(samples.X, heldOut.rows)).experts;
  const calibration = calibrate(errors, seen, nRegimes);
  const routed = routeRows(engine, mixture, unseen).experts;
  const halves = Array.from({ length: nRegimes }, (_, k) => halfWidth(calibration, k, LEVEL));
  const regimes = halves.map((half, k) => {
    const rows = [...routed.keys()].filter((i) => routed[i] === k);
    const covered = rows.filter((i) => Math.abs(values[i]! - truth[i]!) <= half);
    const isOwn = calibration.regimes[k] !== null;
    return { nRows: rows.length, nCovered: covered.length, isOwn };
  });
  const meanWidth = routed.reduce((sum, k) => sum + 2 * halves[k]!, 0) / routed.length;
  return { level: LEVEL, regimes, meanWidth, pooledWidth: 2 * halfWidth(calibration, null, LEVEL) };
}

function gatedMixture(
  weights: FittedCommittee["weights"],
  mixtures: FittedCommittee["mixtures"],
): Mixture {
  const gated = weights.filter(({ kind }) => mixtures.get(kind)![0]!.gate !== null);
  const [first] = gated.length === 0 ? weights : gated.sort((a, b) => b.weight - a.weight);
  return mixtures.get(first!.kind)![0]!;
}
