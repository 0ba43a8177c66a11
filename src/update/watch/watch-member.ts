/**
 * The first stage of an update: new rows pass by, and each expert's monitor takes them in.
 *
 * Nothing is decided here. What the stage gives is data: the answers of a member to the rows, and
 * the evidence after them.
 */
import type { Engine, Samples } from "../../experts/index.ts";
import { standardResiduals, type TrainingTable } from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import { errorReference } from "./error-reference.ts";
import { type ExpertMonitor, observeRows, startMonitor } from "./monitor.ts";
import { type Seen, seeRows } from "./observe.ts";
import type { Bins } from "./two-sample.ts";

/** Monitors of all experts, one list a member. */
export type Monitors = readonly (readonly ExpertMonitor[])[];

/** A batch of rows, as they came and standardised. */
export interface NewRows {
  readonly table: TrainingTable;
  readonly samples: Samples;
}

/** What a batch of rows has shown of one member. */
export interface WatchedMember {
  readonly current: Current;
  readonly member: number;
  readonly rows: NewRows;
  readonly seen: Seen;
  /** After these rows. One an expert. */
  readonly monitors: readonly ExpertMonitor[];
  /** Rows that each expert saw before these, since its monitor started. Shape (nExperts,). */
  readonly seenBefore: readonly number[];
}

/** @param before - Monitors of the member's experts before these rows. */
export function watchMember(
  engine: Engine,
  current: Current,
  rows: NewRows,
  { member, before }: { readonly member: number; readonly before: readonly ExpertMonitor[] },
): WatchedMember {
  const seen = seeRows(engine, current, member, rows.samples);
  return {
    current,
    member,
    rows,
    seen,
    monitors: observeSeen(before, seen, rows.samples),
    seenBefore: before.map(({ nCovered }) => nCovered),
  };
}

/** Monitors after these rows, in their order. One an expert. */
function observeSeen(
  monitors: readonly ExpertMonitor[],
  { route, errors, novelty }: Seen,
  { X }: Pick<Samples, "X">,
): readonly ExpertMonitor[] {
  const all = Int32Array.from(errors.keys());
  return monitors.map((monitor, k) => {
    const routed = all.filter((i) => route.experts[i] === k);
    return observeRows(monitor, { errors, novelty, X }, routed);
  });
}

/** Fresh monitors of a member's experts. @param bins - Of each expert's rows; null without them. */
export function startMonitors(
  { model, experts }: Current,
  m: number,
  bins: readonly (readonly Bins[] | null)[] | null = null,
): readonly ExpertMonitor[] {
  const { target } = model.preprocessing;
  return experts[m]!.map(({ residuals }, k) => {
    const known = standardResiduals(heldOutErrors(residuals, experts[m]!), target);
    return startMonitor(errorReference(known), bins?.[k] ?? null);
  });
}

type Report = Current["experts"][number][number];

/** An expert's held-out errors or, where it has none, those of the mixture's worst expert. */
function heldOutErrors(
  residuals: Report["residuals"],
  all: readonly Report[],
): Report["residuals"] {
  if (residuals.nSamples > 0) return residuals;
  return all.reduce(
    (worst, other) =>
      other.residuals.meanSquaredError > worst.meanSquaredError ? other.residuals : worst,
    residuals,
  );
}
