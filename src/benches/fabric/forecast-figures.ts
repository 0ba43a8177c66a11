/** What the fabric bench claims of forecasts. */
import { geometricMean } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { ForecastRow } from "./forecasts.ts";

/** Recorded demands, as experiments/peers/demands.py names their files. */
export const RECORDED = ["bike-hourly", "seoul-bike", "road-traffic", "electricity"] as const;
/** The name of drawn series without a pattern. */
export const NOISE = "noise";

const HOW = "the placer's mean absolute error ÷ that of Holt–Winters with fitted settings";

export function forecastFigures(rows: readonly ForecastRow[]): readonly Figure[] {
  const ratioOf = (row: ForecastRow): number => {
    const { placer, holtWinters } = row.errors.find(({ ahead }) => ahead === 1)!;
    return placer / holtWinters;
  };
  const recorded = RECORDED.map((name) => rows.find(({ series }) => series === name));
  const absent = RECORDED.filter((_, i) => recorded[i] === undefined);
  const missing = absent.length === 0 ? "" : `; not measured: --demands lacks ${absent.join(", ")}`;
  const noise = rows.filter(({ series }) => series === NOISE);
  const mean = (own: readonly (ForecastRow | undefined)[]): number | null => {
    const known = own.filter((row) => row !== undefined);
    return known.length < own.length || own.length === 0 ? null : geometricMean(known.map(ratioOf));
  };
  return [
    judgeFigure(
      {
        name: "forecast.error-vs-holt-winters",
        value: mean(recorded),
        unit: "×",
        how: `${HOW}, one step ahead, geometric mean of ${RECORDED.length} records${missing}`,
      },
      { atMost: 0.6 },
    ),
    judgeFigure(
      {
        name: "forecast.noise-vs-holt-winters",
        value: mean(noise),
        unit: "×",
        how: `the same on noise without a pattern, geometric mean of ${noise.length} series`,
      },
      { atMost: 1.05 },
    ),
  ];
}
