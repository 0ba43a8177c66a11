/**
 * The calibration of a fit's intervals: held-out errors of models that were grown like the final
 * model, in the regimes to which the final model sends those rows.
 *
 * Those models had the final model's settings and fewer rows. One error per row: of a row that was
 * held out several times, or whose copies were, the first, because repeats are not further
 * evidence.
 */
import type { Copies } from "../../data/index.ts";
import type { Engine, Samples } from "../../experts/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import { type FittedCommittee, mixHeldOut } from "../committee/index.ts";
import type { FittedMixture } from "../fit.ts";
import type { Member } from "../model.ts";
import { routeRows } from "../predict.ts";
import { type Calibration, calibrate } from "./conformal.ts";

/**
 * The calibration of a model of one mixture.
 *
 * @param samples - What the mixture was fitted to.
 * @param copies - Of the samples; none if not given.
 */
export function calibrateMixture(
  engine: Engine,
  { mixture, choice: { heldOut } }: Pick<FittedMixture, "mixture" | "choice">,
  samples: Samples,
  copies?: Pick<Copies, "firsts">,
): Calibration {
  return calibrateMember(engine, { member: 0, mixture, ...oneARow(heldOut, copies) }, samples);
}

/**
 * The calibration of a committee: the errors of its combined answers.
 *
 * @param samples - What the committee was fitted to.
 * @param copies - Of the samples; none if not given.
 */
export function calibrateCommittee(
  engine: Engine,
  { members, heldOut, weights }: Pick<FittedCommittee, "members" | "heldOut" | "weights">,
  samples: Samples,
  copies?: Pick<Copies, "firsts">,
): Calibration {
  const { rows, y } = heldOut;
  const errors = mixHeldOut(heldOut, weights).map((value, r) => value - y[r]!);
  const member = regimeMember(members);
  const { mixture } = members[member]!;
  const once = oneARow({ rows, errors }, copies);
  return calibrateMember(engine, { member, mixture, ...once }, samples);
}

/** The errors of each row's first place; of copies, only the one that was held out first. */
function oneARow(
  { rows, errors }: Pick<HeldOutErrors, "rows" | "errors">,
  copies: Pick<Copies, "firsts"> | undefined,
): Pick<HeldOutErrors, "rows" | "errors"> {
  const places = new Map<number, number>();
  rows.forEach((row, place) => {
    const first = copies?.firsts[row] ?? row;
    if (!places.has(first)) places.set(first, place);
  });
  return {
    rows: Int32Array.from(places.values(), (place) => rows[place]!),
    errors: Float64Array.from(places.values(), (place) => errors[place]!),
  };
}

/** The member with the largest weight among those with regimes; the first if none has any. */
function regimeMember(members: readonly Member[]): number {
  const weights = members.map(({ weight, mixture }) => (mixture.gate === null ? -1 : weight));
  return weights.indexOf(Math.max(...weights));
}

interface HeldOutErrors {
  readonly member: number;
  readonly mixture: Member["mixture"];
  /** Each at most once. */
  readonly rows: Int32Array;
  readonly errors: Float64Array;
}

function calibrateMember(
  engine: Engine,
  { member, mixture, rows, errors }: HeldOutErrors,
  { X }: Samples,
): Calibration {
  const { experts, nExperts } = routeRows(engine, mixture, takeRows(X, rows));
  return calibrate(errors, experts, nExperts, member);
}
