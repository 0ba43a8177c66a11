/**
 * What a fit leaves to tell intervals by: errors of models that were grown as the final one was, on
 * rows that they had not seen, in the regimes to which the final model sends those rows.
 *
 * The models that erred had the final one's settings and fewer rows. One error a row: of a row that
 * was held out more than once, the first, since repeats are no further evidence.
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
 * The calibration of a committee: the errors of what its members say together.
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

/** The member of the largest weight among those that tell regimes; the first if none does. */
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
