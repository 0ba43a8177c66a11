/** Every finished split of the accuracy bench, condensed: sets, rivals, ranks, figures. */
import type { Figure } from "../figures.ts";
import { beforeFigure } from "./before.ts";
import { accuracyFigures } from "./figures.ts";
import { comparePublished, type PublishedComparison } from "./published.ts";
import { type RankSummary, type RivalSummary, rankMethods, summariseRivals } from "./rivals.ts";
import type { AccuracyRow } from "./row.ts";
import { type SetTally, tallySets } from "./tally.ts";

export interface AccuracyMeasurements {
  readonly sets: readonly SetTally[];
  /** Over the real sets alone. */
  readonly rivals: readonly RivalSummary[];
  readonly ranks: RankSummary | null;
  readonly published: readonly PublishedComparison[];
  /** Sets whose single net gains from four times the steps, and those that were not checked. */
  readonly notConverged: readonly string[];
  readonly notChecked: readonly string[];
  /** What all of it was computed from: one a split. */
  readonly rows: readonly AccuracyRow[];
}

/** @param before - Splits of an earlier run to compare with; null for none. */
export function summariseAccuracy(
  rows: readonly AccuracyRow[],
  before: readonly AccuracyRow[] | null = null,
): {
  readonly measurements: AccuracyMeasurements;
  readonly figures: readonly Figure[];
  readonly versions: Readonly<Record<string, string>>;
} {
  const sets = tallySets(rows);
  const real = sets.filter(({ kind }) => kind === "real");
  const rivals = summariseRivals(real);
  const published = comparePublished(real);
  const namesOf = (wanted: SetTally["convergence"]): readonly string[] =>
    sets.filter(({ convergence }) => convergence === wanted).map(({ set }) => set);
  const measurements = {
    sets,
    rivals,
    ranks: rankMethods(real),
    published,
    notConverged: namesOf("not converged"),
    notChecked: namesOf("not checked"),
    rows,
  };
  const figures = [
    ...accuracyFigures({ real, rivals, published }),
    ...(before === null ? [] : [beforeFigure(rows, before)]),
  ];
  return { measurements, figures, versions: versionsOf(rows) };
}

/** Of each package the version, or all of them where an interrupted run went on with another. */
function versionsOf(rows: readonly AccuracyRow[]): Readonly<Record<string, string>> {
  const names = [...new Set(rows.flatMap(({ versions }) => Object.keys(versions)))];
  return Object.fromEntries(
    names.map((name) => {
      const used = rows.map(({ versions }) => versions[name]).filter((one) => one !== undefined);
      return [name, [...new Set(used)].join(", ")];
    }),
  );
}
