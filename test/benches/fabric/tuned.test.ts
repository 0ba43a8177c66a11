/** Goal: a tuned policy is judged where it was not tuned; what was not measured is not claimed. */
import { expect, test } from "vitest";
import { type NodesRow, nodesFigures, runNodes } from "../../../src/benches/fabric/nodes.ts";
import { recordedScenario, tunedFigures, unseenBy } from "../../../src/benches/fabric/tuned.ts";
import { DEFAULT_RULE } from "../../../src/cluster/orchestration/index.ts";
import { type Demand, demandOf, drawTrace } from "../../../src/cluster/simulation/index.ts";

const HOUR_MS = 3_600_000;

/** Hours that swing over a day. */
function record(name: string, nHours: number): Demand {
  const hours = Float64Array.from({ length: nHours }, (_, hour) => hour);
  const requests = hours.map((hour) => 100 - 90 * Math.cos((2 * Math.PI * hour) / 24));
  return demandOf({
    name,
    times: hours.map((hour) => hour * HOUR_MS),
    models: [{ name: "requests", requests }],
  });
}

test("experts of a recorded scenario have other days of the second half each", () => {
  const demand = record("bike-hourly", 400);
  demand.requests.set(demand.requests.subarray(0, 200).fill(1e9), 0);
  const scenario = recordedScenario("bike-hourly", demand);
  const { traffic } = drawTrace(scenario);
  const n = scenario.experts.length;
  expect(Math.max(...traffic) / Math.min(...traffic)).toBeLessThan(100);
  // Experts are four hours apart.
  const levelOf = (e: number, minute: number): number =>
    traffic[minute * n + e]! / scenario.experts[e]!.rowsPerSecond;
  expect(levelOf(1, 600)).toBeCloseTo(levelOf(0, 600 + 60 * 4), 1);
});

test("scenarios that a policy was tuned on are left out", () => {
  const demands = new Map([["seoul-bike", record("seoul-bike", 400)]]);
  const names = ["a", "b", "c"];
  const scenarios = names.map((name) => ({
    ...recordedScenario("bike-hourly", record("bike-hourly", 400)),
    name,
  }));
  const unseen = unseenBy({ rule: DEFAULT_RULE, trainedOn: ["b"] }, scenarios, demands);
  expect(unseen.map(({ name }) => name)).toEqual(["a", "c", "seoul-bike"]);
});

test("figures of a policy are the mean and the worst ratio, or none", () => {
  const row = { predictive: 4, clairvoyant: 3 };
  const rows = [
    { ...row, scenario: "bike-hourly", tuned: 2 },
    { ...row, scenario: "seoul-bike", tuned: 8 },
  ];
  const [mean, worst] = tunedFigures(rows);
  expect([mean!.value, mean!.ok, worst!.value, worst!.ok]).toEqual([1, false, 2, false]);
  expect(mean!.how).not.toContain("lacks");
  const [absent] = tunedFigures([]);
  expect([absent!.value, absent!.ok]).toEqual([null, null]);
  expect(absent!.how).toContain("it needs --policy");
});

test("a record is played by its second half, and figures take the worse of two records", () => {
  const row = runNodes("bike-hourly", record("bike-hourly", 24 * 8));
  expect(row.peakNodes).toBe(13);
  expect(row.quick).toMatchObject({ overload: 0 });
  expect(row.quick.hoursShare).toBeGreaterThan(0.4);
  expect(row.slow.overload).toBeLessThan(row.slowReactive.overload);
  const worse: NodesRow = {
    ...row,
    record: "seoul-bike",
    quick: { hoursShare: 0.9, overload: 0.5 },
    slow: row.slowReactive,
  };
  const figures = nodesFigures([row, worse]);
  expect(figures.map(({ value }) => value)).toEqual([0.9, 0.5, 1]);
  const [hours] = nodesFigures([row]);
  expect([hours!.value, hours!.how]).toEqual([null, expect.stringContaining("lacks seoul-bike")]);
});
