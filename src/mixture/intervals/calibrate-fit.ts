/**
 * The calibration of a fit's intervals: held-out errors of models that were grown like the final
 * model, in the regimes to which the final model sends those rows.
 *
 * Those models had the final model's settings and fewer rows. One error per row: of a row that was
 * held out several times, the first, because repeats are not further evidence.
 */
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
 */
export function calibrateMixture(
  engine: Engine,
  { mixture, choice: { heldOut } }: Pick<FittedMixture, "mixture" | "choice">,
  samples: Samples,
): Calibration {
  const firstPlaces = new Map<number, number>();
  heldOut.rows.forEach((row, place) => {
    if (!firstPlaces.has(row)) firstPlaces.set(row, place);
  });
  const rows = Int32Array.from(firstPlaces.keys());
  const errors = Float64Array.from(firstPlaces.values(), (place) => heldOut.errors[place]!);
  return calibrateMember(engine, { member: 0, mixture, rows, errors }, samples);
}

/**
 * The calibration of a committee: the errors of its combined answers.
 *
 * @param samples - What the committee was fitted to.
 */
export function calibrateCommittee(
  engine: Engine,
  { members, heldOut, weights }: Pick<FittedCommittee, "members" | "heldOut" | "weights">,
  samples: Samples,
): Calibration {
  const { rows, y } = heldOut;
  const errors = mixHeldOut(heldOut, weights).map((value, r) => value - y[r]!);
  const member = regimeMember(members);
  return calibrateMember(
    engine,
    { member, mixture: members[member]!.mixture, rows, errors },
    samples,
  );
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
