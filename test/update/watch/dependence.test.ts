/**
 * Goal: rows whose errors go together raise no alarm while nothing changes, and a change is found.
 * Method: errors of known autocorrelation, of the size that held-out errors have, are shown to a
 * monitor row by row; whole streams without a change, and streams whose level moves.
 */
import { describe, expect, test } from "vitest";
import { childSeed, createRng, type Rng } from "../../../src/shared/rng.ts";
import { alarmThreshold } from "../../../src/update/watch/alarm.ts";
import {
  independentLag,
  lagOfSquares,
  observeDependence,
  startDependence,
} from "../../../src/update/watch/dependence.ts";
import { LAGS } from "../../../src/update/watch/e-process.ts";
import { errorReference } from "../../../src/update/watch/error-reference.ts";
import { evidenceOf, observeRows, startMonitor } from "../../../src/update/watch/monitor.ts";

type Errors = (rng: Rng, n: number) => Float64Array;

/** Errors of variance 1, each the φ-th part of the one before, and news. */
const autoregressive =
  (phi: number): Errors =>
  (rng, n) => {
    const errors = new Float64Array(n);
    let last = rng.normal();
    for (let i = 0; i < n; i++) {
      errors[i] = last;
      last = phi * last + Math.sqrt(1 - phi ** 2) * rng.normal();
    }
    return errors;
  };

/** Half of the variance is a wave of so many rows. */
const seasonal =
  (period: number): Errors =>
  (rng, n) => {
    const start = period * rng.uniform();
    return Float64Array.from({ length: n }, (_, i) => {
      return Math.sin((2 * Math.PI * (i + start)) / period) + Math.sqrt(0.5) * rng.normal();
    });
  };

const REFERENCE = errorReference({
  nSamples: 300,
  meanError: 0,
  meanSquaredError: 1,
  meanFourthPower: 3,
});

/** The first row with an alarm of one expert at α = .001; null without one. */
function firstAlarmOf(errors: Float64Array): number | null {
  const nRows = errors.length;
  const X = { values: new Float32Array(0), nRows, nColumns: 0 };
  const rows = { errors, novelty: new Float64Array(nRows), X };
  let monitor = startMonitor(REFERENCE, null);
  for (let i = 0; i < nRows; i++) {
    monitor = observeRows(monitor, rows, Int32Array.of(i));
    if (evidenceOf(monitor).law >= alarmThreshold(1, 0.001)) return i;
  }
  return null;
}

function streams(errorsOf: Errors, n: number, nRows: number): readonly Float64Array[] {
  return Array.from({ length: n }, (_, s) =>
    errorsOf(createRng(childSeed(7, `stream ${s}`)), nRows),
  );
}

describe("a stream without a change", () => {
  test.each([0.9, 0.97])(
    "raises no alarm in any of 200, φ = %d",
    (phi) => {
      const alarms = streams(autoregressive(phi), 200, 250).map(firstAlarmOf);
      expect(alarms.filter((row) => row !== null)).toEqual([]);
    },
    120_000,
  );

  test.each([24, 100])(
    "raises no alarm with a season of %d rows",
    (period) => {
      const alarms = streams(seasonal(period), 40, 500).map(firstAlarmOf);
      expect(alarms.filter((row) => row !== null)).toEqual([]);
    },
    120_000,
  );
});

describe("a level that moves", () => {
  // Residuals of a law with R² .9 have a third of the target's deviation.
  test.each([0.9, 0.97])(
    "by 3 of the errors' deviations is found in 400 rows, φ = %d",
    (phi) => {
      const found = streams(autoregressive(phi), 50, 500).map((errors) => {
        const row = firstAlarmOf(errors.map((error, i) => (i < 100 ? error : error + 3)));
        return row !== null && row >= 100;
      });
      expect(found.filter((isFound) => isFound).length).toBeGreaterThanOrEqual(45);
    },
    120_000,
  );

  test("is found in 20 rows where errors are independent", () => {
    const rows = streams(autoregressive(0), 40, 60).map((errors) =>
      firstAlarmOf(errors.map((error) => error + 3)),
    );
    expect(rows.every((row) => row !== null && row < 20)).toBe(true);
  });
});

describe("the lag at which rows are independent", () => {
  const lagOf = (errors: Float64Array): number => {
    const seen = observeDependence(startDependence(16), errors);
    return LAGS[independentLag(seen, 1)]!;
  };

  test("is one row for independent errors, also after a change of their level", () => {
    const errors = autoregressive(0)(createRng(1), 400);
    expect(lagOf(errors)).toBe(1);
    expect(lagOf(errors.map((error, i) => (i < 200 ? error : error + 5)))).toBe(1);
  });

  test("is longer the longer errors go together, and half as long for their squares", () => {
    const lags = [0.5, 0.9, 0.97].map((phi) => lagOf(autoregressive(phi)(createRng(2), 4000)));
    expect(lags[0]).toBeLessThan(lags[1]!);
    expect(lags[1]).toBeLessThan(lags[2]!);
    const place = LAGS.indexOf(64);
    expect(LAGS[lagOfSquares(place)]).toBe(32);
  });

  test("is measured batch by batch as it is at once", () => {
    const errors = autoregressive(0.9)(createRng(3), 600);
    let seen = startDependence(16);
    for (let i = 0; i < 600; i += 7) seen = observeDependence(seen, errors.slice(i, i + 7));
    expect(seen).toEqual(observeDependence(startDependence(16), errors));
  });
});
