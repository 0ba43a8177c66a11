/** The rows on which an SVM gate is trained, tuned and calibrated, by regime. */
import { createRng, shuffle } from "../shared/rng.ts";

/** The rows of one regime, in random order. */
export interface RegimeRows {
  readonly train: readonly number[];
  /** Rows for choosing a setting and for calibration: never trained on. */
  readonly held: readonly number[];
}

const HELD_OUT_SHARE = 0.2;

/**
 * Every regime's rows, in training rows and held-out rows.
 *
 * A regime of at least 2 rows has at least 1 of each; a single row is held out, so that such a
 * regime counts in calibration but has nothing to train on.
 */
export function splitRegimes(
  labels: Int32Array,
  nExperts: number,
  seed: number,
): readonly RegimeRows[] {
  const regimes: number[][] = Array.from({ length: nExperts }, () => []);
  const order = Int32Array.from(labels.keys());
  shuffle(order, createRng(seed));
  for (const i of order) regimes[labels[i]!]!.push(i);
  return regimes.map((rows) => {
    const nHeld = Math.ceil(HELD_OUT_SHARE * rows.length);
    return { held: rows.slice(0, nHeld), train: rows.slice(nHeld) };
  });
}

/**
 * The first rows of every list, `limit` in all, in the lists' proportions; the same lists
 * if they have no more. At least one row of each list is kept.
 */
export function stratify<Rows extends readonly (readonly number[])[]>(
  lists: Rows,
  limit: number,
): Rows {
  const total = lists.reduce((sum, rows) => sum + rows.length, 0);
  if (total <= limit) return lists;
  return lists.map((rows) =>
    rows.slice(0, Math.max(1, Math.floor((limit * rows.length) / total))),
  ) as readonly (readonly number[])[] as Rows;
}
