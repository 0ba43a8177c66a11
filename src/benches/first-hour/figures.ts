/** The figures of `bench first-hour`, over sets: each set counts once, however many rows it has. */
import { z } from "zod";
import { mean } from "../../metrics/index.ts";
import { geometricMean } from "../../shared/statistics.ts";
import { kindOfSet } from "../accuracy/sets.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import { parseFinished } from "../finished.ts";
import type { FirstModel } from "./first-model.ts";

export const FIRST_HOUR_PRESETS = ["auto", "accurate", "regimes"] as const;
export type FirstHourPreset = (typeof FIRST_HOUR_PRESETS)[number];

export interface FirstHourRow {
  readonly set: string;
  readonly split: number;
  readonly preset: FirstHourPreset;
  /** Of the fit's first line, in the target's unit squared. */
  readonly expectedMse: number;
  readonly testMse: number;
}

const rowSchema = z.object({
  set: z.string(),
  split: z.int().nonnegative(),
  preset: z.enum(FIRST_HOUR_PRESETS),
  expectedMse: z.number(),
  testMse: z.number(),
}) satisfies z.ZodType<FirstHourRow>;

/** @param line - One line of fits.jsonl. @throws CONFIG_INVALID if it is not a finished fit. */
export function parseFirstHourRow(line: string): FirstHourRow {
  return parseFinished(rowSchema, line, "a line of fits.jsonl");
}

/** The sets whose regimes are known: those generated with them, and water with its phases. */
export function hasRegimes(set: string): boolean {
  return kindOfSet(set) === "generated" || set === "water";
}

export function firstHourFigures(
  rows: readonly FirstHourRow[],
  firstModels: readonly FirstModel[],
): readonly Figure[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  const real = sets.filter((set) => kindOfSet(set) === "real");
  const divided = sets.filter(hasRegimes);
  const auto = rmseOf(rows, "auto", ({ testMse }) => testMse);
  const expected = rmseOf(rows, "auto", ({ expectedMse }) => expectedMse);
  const accurate = rmseOf(rows, "accurate", ({ testMse }) => testMse);
  const regimes = rmseOf(rows, "regimes", ({ testMse }) => testMse);
  const better = (set: string): number => Math.min(accurate(set), regimes(set));
  const calibration = pooled(real, (set) => expected(set) / auto(set));
  return [
    firstModelFigure(firstModels),
    figureOf(
      "first-hour.expectation-off",
      calibration === null ? null : Math.abs(calibration - 1),
      0.05,
      `expected RMSE ÷ RMSE on test rows, less 1, ${over(real)}`,
    ),
    figureOf(
      "first-hour.auto-accurate",
      pooled(real, (set) => auto(set) / accurate(set)),
      1.02,
      `RMSE of auto ÷ of accurate, ${over(real)}`,
    ),
    figureOf(
      "first-hour.auto-better",
      pooled(divided, (set) => auto(set) / better(set)),
      1.05,
      `RMSE of auto ÷ of the better of accurate and regimes, ${over(divided)}`,
    ),
  ];
}

function firstModelFigure(firstModels: readonly FirstModel[]): Figure {
  const sets = firstModels.map(({ set }) => set).join(", ");
  return judgeFigure(
    {
      name: "first-hour.first-model-seconds",
      value: firstModels.length === 0 ? null : Math.max(...firstModels.map((own) => own.seconds)),
      unit: "s",
      how: `from the data's file to the first model of auto, the slowest of ${sets}`,
    },
    { atMost: 10 },
  );
}

function over(sets: readonly string[]): string {
  return `geometric mean over ${sets.length} sets: ${sets.join(", ")}`;
}

function figureOf(name: string, value: number | null, atMost: number, how: string): Figure {
  return judgeFigure({ name, value, unit: "", how }, { atMost });
}

/** The root of a set's mean over splits; NaN where the preset did not run on it. */
function rmseOf(
  rows: readonly FirstHourRow[],
  preset: FirstHourPreset,
  squared: (row: FirstHourRow) => number,
): (set: string) => number {
  return (set) => {
    const splits = rows.filter((row) => row.set === set && row.preset === preset);
    return splits.length === 0 ? Number.NaN : Math.sqrt(mean(splits.map(squared)));
  };
}

/** The geometric mean of a ratio over the sets; null without sets, or where one has no ratio. */
function pooled(sets: readonly string[], ratio: (set: string) => number): number | null {
  const value = geometricMean(sets.map(ratio));
  return Number.isFinite(value) ? value : null;
}
