/**
 * Goal: the rival of the forecasts is Holt–Winters and fitted; figures count what was measured.
 * Method: R's HoltWinters on the same values; a record in which one setting is right.
 */
import { describe, expect, test } from "vitest";
import { forecastFigures, NOISE, RECORDED } from "../../../src/benches/fabric/forecast-figures.ts";
import { type ForecastRow, runForecasts } from "../../../src/benches/fabric/forecasts.ts";
import {
  fitHoltWinters,
  forecastHoltWinters,
} from "../../../src/benches/fabric/rival-holt-winters.ts";

describe("the rival", () => {
  const values = Float64Array.of(10, 14, 8, 25, 12, 15, 9, 27, 13, 18, 10, 30, 15, 19, 11, 33);

  test("forecasts what R's HoltWinters does", () => {
    // R 4.2, stats: HoltWinters(ts(x, frequency = 4), alpha = 0.3, beta = FALSE, gamma = 0.2,
    // l.start = 14.25, s.start = x[1:4] - 14.25). R moves a season by its deviation from the new
    // level, which is a share of (1 - alpha) gamma of the deviation from the old one.
    const settings = { season: 4, isMultiplicative: false, level: 0.3, seasonal: 0.7 * 0.2 };
    const theirs = [10, 14.6, 8.72, 25.804, 11.4428, 15.68596, 10.363372, 27.3826004];
    const forecasts = forecastHoltWinters(values, settings, 1);
    theirs.forEach((value, t) => {
      expect(forecasts[4 + t]).toBeCloseTo(value, 7);
    });
  });

  test("has the season and the shares that err least", () => {
    const days = [5, 20, 60, 30];
    const grown = Float64Array.from(
      { length: 400 },
      (_, t) => days[t % 4]! * (1 + Math.floor(t / 40)),
    );
    expect(fitHoltWinters(grown, [3, 4], 400)).toMatchObject({ season: 4, isMultiplicative: true });
  });

  test("and the placer are measured on the second half, gaps left out", () => {
    const swing = Float64Array.from({ length: 24 * 40 }, (_, t) => {
      return t % 50 === 7 ? Number.NaN : 100 + 80 * Math.sin((2 * Math.PI * t) / 24);
    });
    const { errors, settings } = runForecasts("swing", swing, 1);
    expect(settings.season % 24).toBe(0);
    expect(errors.map(({ ahead }) => ahead)).toEqual([1, 4]);
    for (const { placer, holtWinters, lastValue } of errors) {
      expect(Math.max(placer, holtWinters)).toBeLessThan(0.05);
      expect(lastValue).toBeGreaterThan(0.1);
    }
  });
});

test("figures are claimed of all records or of none, and say which are absent", () => {
  const row = (series: string, placer: number): ForecastRow => ({
    series,
    intervalHours: 1,
    nValues: 1,
    settings: { season: 24, isMultiplicative: false, level: 0.1, seasonal: 0.1 },
    errors: [{ ahead: 1, placer, holtWinters: 0.2, plain: 1, lastValue: 1 }],
  });
  const rows = RECORDED.map((name, i) => row(name, i % 2 === 0 ? 0.05 : 0.2));
  const [recorded, noise] = forecastFigures([...rows, row(NOISE, 0.3)]);
  expect(recorded!.value).toBeCloseTo(0.5, 12);
  expect([recorded!.ok, noise!.ok]).toEqual([true, false]);
  const [absent, none] = forecastFigures(rows.slice(1));
  expect([absent!.value, none!.value]).toEqual([null, null]);
  expect(absent!.how).toContain("not measured: --demands lacks bike-hourly");
});
