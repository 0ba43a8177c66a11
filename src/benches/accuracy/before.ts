/** The committee's error against that of an earlier run over the same splits. */
import { mean } from "../../metrics/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { geometricMean } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import { nameOf } from "./jobs.ts";
import type { AccuracyRow } from "./row.ts";

/** A change of the code may cost one percent. */
const MOST = 1.01;

/**
 * @param rows - Finished splits of this run.
 * @param before - Those of the earlier run; it must have the same splits of the same data.
 * @returns The geometric mean over the sets of mean test MSE ÷ that before.
 * @throws INVALID_OPTION if a split is missing, or is of other rows.
 */
export function beforeFigure(rows: readonly AccuracyRow[], before: readonly AccuracyRow[]): Figure {
  const sets = [...new Set(rows.map(({ set }) => set))];
  const ratios = sets.map((set) => {
    const now = rows.filter((row) => row.set === set);
    const then = now.map((row) => sameSplit(row, before));
    return errorOf(now) / errorOf(then);
  });
  const worst = sets[ratios.indexOf(Math.max(...ratios))];
  const facts = {
    name: "acc.all-vs-before.gm",
    value: sets.length === 0 ? null : geometricMean(ratios),
    unit: "×",
    how:
      "all families: geometric mean of test MSE ÷ that of the earlier run; " +
      `${sets.map((set, s) => `${set} ${ratios[s]!.toFixed(3)}`).join(", ")}; largest on ${worst}`,
  };
  return judgeFigure(facts, { atMost: MOST });
}

function sameSplit(row: AccuracyRow, before: readonly AccuracyRow[]): AccuracyRow {
  const same = before.find(({ set, split }) => set === row.set && split === row.split);
  if (same?.sha256 === row.sha256 && same.nTrain === row.nTrain && same.nTest === row.nTest) {
    return same;
  }
  const message = `the earlier run must have the split ${nameOf(row.set, row.split)}, it has not`;
  throw new BailiwickError("INVALID_OPTION", message);
}

function errorOf(rows: readonly AccuracyRow[]): number {
  return mean(rows.map(({ mse }) => mse["all"] ?? Number.NaN));
}
