/**
 * Goal: recorded demand is read as it stands, gaps and clocks that are set are bridged and told, and
 * nonsense is refused with what must hold and what was found.
 * Method: rows written here, whose intervals and means can be counted; simulated traffic over them.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type DemandRows,
  demandOf,
  drawTrace,
  parseScenario,
  withDemand,
} from "../../../src/cluster/simulation/index.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2024, 9, 26);

/** Rows at these hours, of models called a, b, … */
function rowsAt(hours: readonly number[], ...requests: readonly (readonly number[])[]): DemandRows {
  return {
    name: "d.csv",
    times: Float64Array.from(hours, (hour) => START + hour * HOUR),
    models: requests.map((own, m) => ({
      name: "abc"[m]!,
      requests: Float64Array.from(own),
    })),
  };
}

describe("recorded demand", () => {
  test("has its intervals, with gaps bridged by straight lines and told", () => {
    const hours = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10];
    const requests = [1, 2, 4, Number.NaN, 6, 8, 8, 8, 8, 8];
    const demand = demandOf(
      rowsAt(
        hours,
        requests,
        hours.map(() => 9),
      ),
    );
    expect(demand.intervalHours).toBe(1);
    expect(demand.nIntervals).toBe(11);
    const first = demand.requests.filter((_, at) => at % 2 === 0);
    expect([...first]).toEqual([1, 2, 3, 4, 5, 6, 8, 8, 8, 8, 8]);
    expect([...demand.bridged.filter((_, at) => at % 2 === 0)]).toEqual([
      0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0,
    ]);
    expect(demand.notes).toEqual([
      'd.csv, column "a": 2 of 11 intervals missing in 2 gaps, the longest of 1: bridged by straight lines',
      'd.csv, column "b": 1 of 11 intervals missing in 1 gap: bridged by straight lines',
    ]);
  });

  test("counts an hour once that stands twice, and says so", () => {
    const hourly = demandOf(rowsAt([0, 1, 2, 2, 3, 4], [1, 1, 4, 6, 1, 1]));
    expect([...hourly.requests]).toEqual([1, 1, 5, 1, 1]);
    expect(hourly.notes).toEqual([
      "d.csv: the hour from 2024-10-26 02:00 stands twice, as where a clock is set back: it " +
        "counts once, as the mean",
    ]);
    const halves = demandOf(rowsAt([0, 0.5, 1, 1.5, 1, 1.5, 2], [1, 1, 2, 3, 4, 5, 1]));
    expect([...halves.requests]).toEqual([1, 1, 3, 4, 1]);
  });

  const day = Array.from({ length: 24 }, (_, hour) => hour);
  test.each([
    ["at least 2 rows, got 1", rowsAt([0], [1])],
    ["must have a column of requests beside the times, got none", rowsAt([0, 1])],
    ["must have a time in every row, row 2 has none", rowsAt([0, Number.NaN, 2], [1, 1, 1])],
    ['must be counts, at least 0, row 3 of column "a" has -4', rowsAt([0, 1, 2], [1, 1, -4])],
    ['must have requests in every column, "b" has none', rowsAt([0, 1], [1, 1], [0, 0])],
    [
      "must have times that increase, row 3 (2024-10-26 00:00) follows",
      rowsAt([0, 2, 0], [1, 1, 1]),
    ],
    // A clock is not set back every day, nor by half an hour that is not whole.
    ["must have times that increase", rowsAt([0, 1, 2, 2, 3, 4, 4, 5], [1, 1, 1, 1, 1, 1, 1, 1])],
    ["must have times that increase", rowsAt([0, 0.5, 1, 0.5, 1.5], [1, 1, 1, 1, 1])],
    [
      "must have times a multiple of 3600 s apart, row 4",
      rowsAt([0, 1, 2, 3.4, 5], [1, 1, 1, 1, 1]),
    ],
    ["must have a row every second to every day, got 172800 s", rowsAt([0, 48, 96], [1, 1, 1])],
    ["must have a row every second to every day, got 0 s", rowsAt([0, 0], [1, 1])],
    [
      'in at least 80.0 % of its intervals, column "a" has them in 2.1 %',
      rowsAt(
        [...day, 1000],
        [...day, 1].map((hour) => (hour < 3 ? Number.NaN : 1)),
      ),
    ],
    ["must have at most 2000000 intervals, got 4,000,001", rowsAt([0, 1, 4e6], [1, 1, 1])],
  ])("is refused: %s", (message, rows) => {
    expect(() => demandOf(rows)).toThrow(message);
  });
});

describe("a scenario with recorded demand", () => {
  const text = readFileSync("experiments/fabric/scenarios/daily-swing.json", "utf8");
  const recorded = {
    demand: "d.csv",
    season: 0,
    noise: 0,
    happenings: [],
    hours: 2,
    stepSeconds: 1800,
  };
  const scenario = parseScenario(JSON.stringify({ ...JSON.parse(text), ...recorded }));

  test("plays it: models in turn among the experts, with the scenario's mean", () => {
    const { experts, demand } = withDemand(
      scenario,
      demandOf(rowsAt([0, 1, 2], [10, 30, 20], [20, 20, 80])),
    );
    const sum = (parity: number): number =>
      experts.filter((_, e) => e % 2 === parity).reduce((all, one) => all + one.rowsPerSecond, 0);
    // 60 requests of the first model and 120 of the second; 42,000 rows a second together.
    expect(sum(0)).toBeCloseTo(14_000, 6);
    expect(sum(1)).toBeCloseTo(28_000, 6);
    const { traffic } = drawTrace({ ...scenario, experts, demand });
    const rowsOf = (step: number, parity: number): number =>
      experts.reduce((all, _, e) => {
        return e % 2 === parity ? all + traffic[step * experts.length + e]! : all;
      }, 0);
    // At 0:30 the first hour's requests, at 1:00 half way to the second's.
    expect(rowsOf(1, 0)).toBeCloseTo((10 / 60) * 42_000, 6);
    expect(rowsOf(2, 0)).toBeCloseTo((20 / 60) * 42_000, 6);
    expect(rowsOf(1, 1)).toBeCloseTo((20 / 60) * 42_000, 6);
  });

  test("is refused where it asks for more than the record has, or for sines as well", () => {
    const short = demandOf(rowsAt([0, 0.5], [1, 2]));
    expect(() => withDemand(scenario, short)).toThrow(
      "hours must be at most those of d.csv, 1, got 2",
    );
    const many = demandOf(rowsAt([0, 1], ...Array.from({ length: 3 }, () => [1, 2])));
    expect(() => withDemand({ ...scenario, experts: scenario.experts.slice(0, 2) }, many)).toThrow(
      "experts.count must be at least the 3 models of d.csv, got 2",
    );
    const both = JSON.stringify({ ...JSON.parse(text), demand: "d.csv" });
    expect(() => parseScenario(both)).toThrow(
      "season must be 0 where a demand is recorded, got 0.9",
    );
  });
});
