/**
 * Goal: the update bench draws what it says it draws, and judges by the bounds it says.
 * Method: streams held against the generator's own rows; figures from measurements made up.
 */
import { describe, expect, test } from "vitest";
import { updateFigures } from "../../../src/benches/update/figures.ts";
import { describeSet, oldRows, streamRows } from "../../../src/benches/update/streams.ts";

describe("streams", () => {
  const quiet = streamRows("intervals", { nRows: 400, seed: 3 });
  const differences = (drift: "abrupt" | "gradual" | "several" | "new-regime") => {
    const { y } = streamRows("intervals", { nRows: 400, seed: 3, drift, regime: 2 });
    return y.map((value, i) => value - quiet.y[i]!);
  };

  test("change the law of the regimes that they name and of no other", () => {
    const abrupt = differences("abrupt");
    const touched = (own: readonly number[]) => [...quiet.regimes].map((k) => own.includes(k));
    expect([...abrupt].map((change) => change !== 0)).toEqual(touched([2]));
    expect([...differences("several")].map((change) => change !== 0)).toEqual(touched([2, 3]));
    expect(differences("new-regime").every((change) => change === 0)).toBe(true);
  });

  test("change it at once, or more and more until the middle", () => {
    const [abrupt, gradual] = [differences("abrupt"), differences("gradual")];
    for (const i of quiet.regimes.keys()) {
      expect(gradual[i]).toBeCloseTo(Math.min(1, i / 200) * abrupt[i]!, 10);
    }
  });

  test("move inputs without a change of law", () => {
    const { features, y } = streamRows("intervals", { nRows: 400, seed: 3, drift: "covariate" });
    const x = features.columns[0]!.values as Float64Array;
    expect(y).toHaveLength(400);
    expect(x.filter((value) => value > 0).length).toBeGreaterThan(280);
  });

  test("keep the new regime from those who learn before", () => {
    const old = oldRows("intervals", { nRows: 400, seed: 3, drift: "new-regime", regime: 1 });
    expect(old.regimes).not.toContain(1);
    expect(describeSet("intervals").nRegimes).toBe(4);
    // Laws of spread about 2 and noise of .1.
    expect(describeSet("intervals").sd).toBeGreaterThan(1);
  });
});

test("figures say whether they hold, and nothing where nothing was measured", () => {
  const names = updateFigures({ drifts: [], alarms: [], real: [] });
  expect(names.map(({ name }) => name)).toEqual([
    "update.loss-vs-full",
    "update.cost-vs-full",
    "update.rows-read-vs-full",
    "update.cost-vs-single",
    "update.grow-vs-refit",
    "update.unaffected-max-change",
    "update.unaffected-share",
    "update.detection-rate",
    "update.false-alarm-rate",
    "update.dependent-false-alarms",
    "update.dependent-detection-rate",
    "update.recurring-cost",
    "update.prequential-vs-best-peer",
    "update.prequential-vs-window",
  ]);
  expect(names.every(({ value, ok }) => value === null && ok === null)).toBe(true);
  const drift = {
    set: "intervals" as const,
    drift: "abrupt" as const,
    seed: 1,
    nExperts: 4,
    actions: [],
    errors: { none: 1, update: 0.1, full: 0.1, single: 0.2, window: 0.2 },
    cpuSeconds: { fit: 20, update: 1, full: 20, single: 2, window: 1 },
    rowsReadShare: 0.25,
    unaffectedShare: 0.99,
    maxChange: 0,
    sameBlobs: true,
  };
  const grown = {
    ...drift,
    drift: "new-regime" as const,
    errors: { ...drift.errors, update: 0.3 },
  };
  const measured = updateFigures({ drifts: [drift, grown], alarms: [], real: [] });
  const values = measured.slice(0, 7).map(({ value }) => value);
  expect(values).toEqual([1, 0.05, 0.25, 0.5, 0.3 / 0.2, 0, 0.99]);
  expect(measured.slice(0, 7).map(({ ok }) => ok)).toEqual(Array(7).fill(true));
  const other = updateFigures({ drifts: [{ ...drift, sameBlobs: false }], alarms: [], real: [] });
  expect(other[5]!.ok).toBe(false);
});
