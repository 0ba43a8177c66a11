/** What the fabric bench claims of sealed rows. */
import { median } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { SealMeasurements } from "./seal.ts";

/** @param measured - null where no server could be had: then nothing is claimed. */
export function sealFigures(measured: SealMeasurements | null): readonly Figure[] {
  const absent = measured === null ? "; not measured: it runs from a checkout" : "";
  const figure = (
    name: string,
    unit: string,
    how: string,
    of: (own: SealMeasurements) => number,
    bound: Parameters<typeof judgeFigure>[1],
  ): Figure => {
    const value = measured === null ? null : of(measured);
    return judgeFigure({ name: `seal.${name}`, value, unit, how: `${how}${absent}` }, bound);
  };
  return [
    figure(
      "canaries-sealed",
      "rows",
      `of ${measured?.nCanaries ?? 0} sealed rows that stand in the bytes to and from the server`,
      ({ found }) => found.sealed,
      { atMost: 0 },
    ),
    figure(
      "canaries-clear",
      "",
      "share of the same rows in clear that the same search finds",
      ({ found, nCanaries }) => found.plain / nCanaries,
      { atLeast: 1 },
    ),
    figure(
      "requests-vs-clear",
      "×",
      "requests a second of 64 rows through 4 experts on 2 nodes, sealed ÷ in clear, 16 at once, " +
        "median of rounds in turns",
      ({ perSecond }) => median(perSecond.map(({ plain, sealed }) => sealed / plain)),
      { atLeast: 0.6 },
    ),
    figure(
      "added-p50-ms",
      "ms",
      "that sealing adds to the median of such requests one after the other, median of rounds",
      ({ p50Ms }) => median(p50Ms.map(({ plain, sealed }) => sealed - plain)),
      { atMost: 0.4 },
    ),
  ];
}
