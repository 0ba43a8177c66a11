/**
 * A committee's answers to held-out rows: the members were fitted on other folds, and the weights
 * on other folds' answers. Settings that were tuned once (steps, scales, sizes) used all rows.
 */
import { kFold } from "../../data/index.ts";
import { type HeldOut, mixHeldOut, weighKinds } from "./held-out.ts";
import { divides, type MemberKind } from "./options.ts";

/**
 * Number of parts of the held-out rows if one fold was held out; each part's weights come from the
 * others.
 */
const PARTS = 5;

/** Standardised answers of the committee to the held-out rows. Shape (rows.length,). */
export function crossWeighted(
  heldOut: HeldOut,
  seed: number,
  kinds: readonly MemberKind[] = [...heldOut.answers.keys()],
): Float64Array {
  const values = new Float64Array(heldOut.rows.length);
  for (const part of partsOf(heldOut, seed)) {
    const inPart = new Set(part);
    const others = Int32Array.from(values.keys()).filter((r) => !inPart.has(r));
    const weights = weighKinds(takeHeldOut(heldOut, others), kinds);
    const mixed = mixHeldOut(takeHeldOut(heldOut, part), weights);
    part.forEach((r, place) => {
      values[r] = mixed[place]!;
    });
  }
  return values;
}

/** The same of a committee without kinds that divide the rows. */
export function crossUndivided(heldOut: HeldOut, seed: number): Float64Array {
  const kinds = [...heldOut.answers.keys()].filter((kind) => !divides(kind));
  return crossWeighted(heldOut, seed, kinds);
}

/** Places among the held-out rows, each in one part: those of a fold, or of one fold's fifths. */
function partsOf({ rows, folds }: HeldOut, seed: number): readonly (readonly number[])[] {
  const nFolds = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  if (nFolds === 1) {
    const parts = Math.min(PARTS, rows.length);
    return kFold(rows.length, { folds: parts, seed }).map(({ test }) => [...test]);
  }
  const places = Array.from(rows, (_, r) => r);
  return Array.from({ length: nFolds }, (_, f) => places.filter((r) => folds[r] === f));
}

function takeHeldOut({ rows, folds, y, answers }: HeldOut, places: ArrayLike<number>): HeldOut {
  const take = (values: Float64Array): Float64Array => Float64Array.from(places, (r) => values[r]!);
  return {
    rows: Int32Array.from(places, (r) => rows[r]!),
    folds: Int32Array.from(places, (r) => folds[r]!),
    y: take(y),
    answers: new Map([...answers].map(([kind, values]) => [kind, take(values)] as const)),
  };
}
