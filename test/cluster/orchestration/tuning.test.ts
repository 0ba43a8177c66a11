/**
 * Goal: numbers are tuned on some scenarios, judged on others, and read back only if they make sense.
 * Method: a bowl whose bottom is known; small scenarios in which links become slow.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evolve } from "../../../src/cluster/orchestration/evolve.ts";
import {
  createPredictive,
  DEFAULT_RULE,
  firstPlan,
  parsePolicy,
  tunePolicy,
} from "../../../src/cluster/orchestration/index.ts";
import { parseScenario, type Scenario, simulate } from "../../../src/cluster/simulation/index.ts";

test("evolution comes near the bottom of a bowl, and never ends above its start", () => {
  const settings = { generations: 12, children: 8, parents: 3, step: 0.2, shrink: 0.85, seed: 1 };
  const bowl = (point: Float64Array): number =>
    (point[0]! - 0.8) ** 2 + (point[1]! - 0.1) ** 2 + (point[2]! - 0.5) ** 2;
  const start = { point: Float64Array.of(0.3, 0.5, 0.5), score: 0.41 };
  const { point, score } = evolve(start, bowl, settings);
  expect(score).toBeLessThan(0.004);
  expect(score).toBe(bowl(point));
  expect(evolve({ ...start, score: -1 }, bowl, settings)).toEqual({ ...start, score: -1 });
});

const read = (name: string): Scenario => {
  const text = readFileSync("experiments/fabric/scenarios/a-link-gets-slow.json", "utf8");
  const { devices, experts, ...scenario } = JSON.parse(text);
  const small = { devices: devices.slice(0, 3), experts: { ...experts, count: 5 } };
  small.experts.rowsPerSecond = 9000;
  const happenings = [0, 1, 2].map((d) => {
    const [from, until] = [0.4 + 0.5 * d, 0.9 + 0.5 * d];
    return { kind: "link", device: `d${d}`, from, until, extraMs: 30, bandwidth: 0.5 };
  });
  const seed = name.charCodeAt(0);
  const length = { hours: 2, stepSeconds: 300 };
  return parseScenario(
    JSON.stringify({ ...scenario, ...small, ...length, name, seed, happenings }),
  );
};

test("a rule is tuned on half of the scenarios, the same for a seed, and judged on the others", () => {
  const scenarios = ["a", "b", "c"].map(read);
  const said: string[] = [];
  const { rule, trainedOn, trained, judged } = tunePolicy(scenarios, 1, (stage, fraction) => {
    said.push(stage);
    expect(fraction).toBeLessThan(1);
  });
  const names = [...trainedOn, ...judged.map(({ scenario }) => scenario)];
  expect([trainedOn.length, names.sort()]).toEqual([2, ["a", "b", "c"]]);
  expect(trained).toBeLessThan(1);
  expect(said.at(-1)).toMatch(/2 scenarios · best 0\.\d+/);
  const [one] = judged;
  const scenario = scenarios.find(({ name }) => name === one!.scenario)!;
  const first = firstPlan(scenario, 1);
  const meanOf = (given?: typeof rule): number =>
    simulate(scenario, createPredictive({ seed: 1, ...(given && { rule: given }) }), first).mean;
  expect([one!.predictive, one!.tuned]).toEqual([meanOf(), meanOf(rule)]);
  expect(parsePolicy(JSON.stringify({ rule, trainedOn })).rule).toEqual(rule);
  // The order in which a folder is read does not matter.
  expect(tunePolicy([...scenarios].reverse(), 1, () => undefined)).toMatchObject({ rule, trained });
});

test("one scenario is too few to tune on and to judge by", () => {
  expect(() => tunePolicy([read("a")], 1, () => undefined)).toThrow(/two scenarios.*got 1/);
});

describe("a policy's file", () => {
  const text = (rule: object, more: object = {}): string =>
    JSON.stringify({ rule: { ...DEFAULT_RULE, ...rule }, trainedOn: ["a"], ...more });

  test("is read as it stands", () => {
    expect(parsePolicy(text({ gain: 0.03, persistence: 1 }))).toEqual({
      rule: { ...DEFAULT_RULE, gain: 0.03, persistence: 1 },
      trainedOn: ["a"],
    });
  });

  test.each([
    ["a gain above its range", text({ gain: 2 }), /rule\.gain: .*<=0\.5/],
    ["a gain of nothing", text({ gain: 0 }), /rule\.gain: .*>=0\.01/],
    ["half a time", text({ persistence: 1.5 }), /rule\.persistence: .*int/],
    ["a text for a number", text({ ahead: "3" }), /rule\.ahead: .*expected number/],
    ["no number at all", text({ imbalance: null }), /rule\.imbalance: .*expected number/],
    ["a number that it does not know", text({ speed: 1 }), /rule: Unrecognized key: "speed"/],
    ["a key that it does not know", text({}, { seed: 1 }), /the file: Unrecognized key: "seed"/],
    ["no JSON", "gain = 1", /the policy must be JSON/],
  ])("is refused with %s", (_what, given, message) => {
    expect(() => parsePolicy(given)).toThrow(message);
  });
});
