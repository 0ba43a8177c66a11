/**
 * Goal: forecasts know the day; policies move experts when it pays and leave them when it does not.
 * Method: series whose next value is known; scenarios in which the right thing to do is plain.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createForecaster } from "../../../src/cluster/forecast/index.ts";
import {
  createPredictive,
  createStatic,
  createThreshold,
  firstPlan,
} from "../../../src/cluster/orchestration/index.ts";
import { parseScenario, type Scenario, simulate } from "../../../src/cluster/simulation/index.ts";
import { createRng } from "../../../src/shared/rng.ts";

const OPTIONS = { seed: 1 };

function read(name: string): Scenario {
  return parseScenario(readFileSync(`experiments/fabric/scenarios/${name}.json`, "utf8"));
}

describe("a forecast", () => {
  /** Mean error of forecasts an hour ahead ÷ that of taking the last value, on the fourth day. */
  const errorRatio = (valueAt: (hour: number) => number): number => {
    const forecaster = createForecaster(1);
    let [own, last] = [0, 0];
    for (let hour = 0; hour < 96; hour += 0.25) {
      forecaster.observe(hour, Float64Array.of(valueAt(hour)));
      if (hour < 72) continue;
      const next = valueAt(hour + 1);
      own += Math.abs(forecaster.expect(hour + 1)[0]! - next);
      last += Math.abs(valueAt(hour) - next);
    }
    return own / last;
  };

  test("knows a daily swing after a few days", () => {
    expect(errorRatio((hour) => 100 + 80 * Math.sin((2 * Math.PI * hour) / 24))).toBeLessThan(0.5);
  });

  test("is steadier than the last value where there is only noise", () => {
    const rng = createRng(3);
    const luck = Float64Array.from({ length: 500 }, () => 100 * Math.exp(0.3 * rng.normal()));
    expect(errorRatio((hour) => luck[Math.round(4 * hour)]!)).toBeLessThan(1);
  });

  test("says how far off it has been", () => {
    const forecaster = createForecaster(2);
    expect(forecaster.error()).toBeNull();
    forecaster.observe(0, Float64Array.of(10, 10));
    forecaster.observe(1, Float64Array.of(15, 10));
    expect(forecaster.error()).toBeCloseTo(5 / 25, 12);
  });
});

describe("policies", () => {
  test("leave experts alone where traffic is noise", () => {
    const scenario = { ...read("noisy-but-stationary"), hours: 6 };
    const first = firstPlan(scenario, 1);
    expect(simulate(scenario, createPredictive(OPTIONS), first).nMoves).toBe(0);
    expect(simulate(scenario, createThreshold(OPTIONS), first).nMoves).toBe(0);
  });

  test("bring the experts of a device that has died elsewhere, and say why", () => {
    const scenario = { ...read("one-device-fails"), hours: 8 };
    const first = firstPlan(scenario, 1);
    const still = simulate(scenario, createStatic(), first);
    expect(still.failedShare).toBeGreaterThan(0.02);
    for (const policy of [createThreshold(OPTIONS), createPredictive(OPTIONS)]) {
      const { failedShare, decided } = simulate(scenario, policy, first);
      expect(failedShare).toBeLessThan(still.failedShare / 20);
      expect(decided[0]!.why).toBe("d0 is down, which held e0");
    }
  });

  test("the predictive one leaves a link that has become slow; the threshold one waits for harm", () => {
    const scenario = { ...read("a-link-gets-slow"), hours: 8 };
    const first = firstPlan(scenario, 1);
    const [waits, acts] = [createThreshold(OPTIONS), createPredictive(OPTIONS)].map((policy) =>
      simulate(scenario, policy, first),
    );
    expect(waits!.nMoves).toBe(0);
    expect(acts!.p95).toBeLessThan(waits!.p95 / 2);
    expect(acts!.decided[0]!.why).toMatch(/answers would take .* ms, not .*, forecasts are off by/);
  });
});
