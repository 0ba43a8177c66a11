/** Errors of fits of sites beside those of others: geometric means of medians over seeds. */
import { geometricMean, median } from "../../shared/statistics.ts";
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import type { SplitName } from "./cases.ts";
import type { ComparedRow, ComparedSplit } from "./compared-row.ts";

type Ratio = (split: ComparedSplit, row: ComparedRow) => number | null;

export function comparedFigures(rows: readonly ComparedRow[]): readonly Figure[] {
  const seeds = new Set(rows.map(({ seed }) => seed)).size;
  const nSets = new Set(rows.map(({ set }) => set)).size;
  const over = `geometric mean over ${nSets} sets of medians over ${seeds} seeds`;
  const figure = (name: string, how: string, value: number | null, bound: Bound) =>
    judgeFigure({ name, value, unit: "×", how: `${how}, ${over}` }, bound);
  const byRegime = (ratio: Ratio) => ratioOf(rows, ["regime"], ratio);
  return [
    figure(
      "sites.vs-central",
      "test MSE ÷ that of fit --preset fast of all rows in one place; rows divided by regime, " +
        "group and size",
      ratioOf(rows, ["regime", "group", "size"], ({ sites }, { central }) => sites / central),
      { atMost: 1.1 },
    ),
    figure(
      "sites.vs-fedavg",
      "test MSE ÷ that of FedAvg of one net (ours, not Flower's), rows divided by regime",
      byRegime(({ sites, fedAvg }) => (fedAvg === null ? null : sites / fedAvg)),
      { atMost: 0.4 },
    ),
    figure(
      "sites.vs-ifca",
      "test MSE ÷ that of IFCA of four nets (ours), rows divided by regime; each site's test " +
        "rows by the net that it takes",
      byRegime(({ sites, ifca }) => (ifca === null ? null : sites / ifca)),
      { atMost: 0.8 },
    ),
    figure(
      "sites.vs-local",
      "test MSE ÷ that of fits of each site's own rows, asked for that site's own test rows; " +
        "rows divided by regime",
      byRegime(({ sites, local }) => (local === null ? null : sites / local)),
      { atMost: 0.9 },
    ),
  ];
}

/** null without rows. */
export function ratioOf(
  rows: readonly ComparedRow[],
  splits: readonly SplitName[],
  ratio: Ratio,
): number | null {
  const sets = [...new Set(rows.map(({ set }) => set))];
  const medians = sets.flatMap((set) =>
    splits.flatMap((name) => {
      const own = rows.filter((row) => row.set === set);
      const ratios = own.flatMap((row) => {
        const split = row.splits.find((one) => one.split === name);
        const value = split === undefined ? null : ratio(split, row);
        return value === null ? [] : [value];
      });
      return ratios.length === 0 ? [] : [median(ratios)];
    }),
  );
  return medians.length === 0 ? null : geometricMean(medians);
}
