/**
 * Goal: simulated answers take as long as queueing theory and a queue played out request by request
 * say; what is down does not answer; experts on the move are somewhere at every moment.
 * Method: Lindley's recursion over drawn arrivals; scenarios whose outcome can be counted by hand;
 * properties over random targets.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../src/cluster/placement/index.ts";
import { createHoldings } from "../../../src/cluster/simulation/holdings.ts";
import {
  answerStep,
  createHistogram,
  devicesAt,
  drawTrace,
  type Policy,
  parseScenario,
  type Scenario,
  simulate,
} from "../../../src/cluster/simulation/index.ts";
import { createRng } from "../../../src/shared/rng.ts";

const FOLDER = "experiments/fabric/scenarios";
const still: Policy = { name: "still", decide: () => null };

/** Two devices with one expert each, and what is to happen. */
function twoDevices(happenings: readonly object[] = [], own: object = {}): Scenario {
  const device = { gigaflops: 1, memoryMB: 100, latencyMs: 1, megabytesPerSecond: 10 };
  return parseScenario(
    JSON.stringify({
      name: "two devices",
      seed: 1,
      devices: [
        { ...device, name: "a" },
        { ...device, name: "b" },
      ],
      experts: {
        count: 2,
        megabytes: 20,
        megaflopsPerRow: 1,
        bytesPerRow: 40,
        rowsPerSecond: 800,
        skew: 0,
        replicas: 1,
      },
      hours: 1,
      stepSeconds: 10,
      season: 0,
      noise: 0,
      batchRows: 10,
      deadlineMs: 2000,
      happenings,
      ...own,
    }),
  );
}
const APART: Plan = [[0], [1]];

describe("answers of a step", () => {
  test("wait as long as in a queue played out request by request", () => {
    const scenario = twoDevices();
    for (const load of [0.3, 0.6, 0.85]) {
      const histogram = createHistogram();
      answerStep({
        ...scenario,
        states: devicesAt(scenario, 0),
        traffic: Float64Array.of(1000 * load, 0),
        plan: APART,
        backlog: new Float64Array(2),
        seconds: 10,
      }).forEach(histogram.add);
      // Ten rows of a million multiply-adds, at 10⁹ a second: 10 ms; 1 ms there and back; the wire.
      const idle = 1 + 10 + (1000 * 10 * 40) / 1e7;
      const waits = playQueue({ load, serviceMs: 10, n: 400_000 });
      expect(histogram.quantile(0.5)!).toBeCloseTo(idle + waits.quantile(0.5), -1);
      const [found, played] = [histogram.quantile(0.95)!, idle + waits.quantile(0.95)];
      expect(Math.abs(found / played - 1)).toBeLessThan(0.12);
      expect(Math.abs((histogram.mean()! - idle) / waits.mean - 1)).toBeLessThan(0.1);
    }
  });

  test("queue up beyond a device's power, and fail beyond the deadline", () => {
    const scenario = twoDevices();
    const request = {
      ...scenario,
      states: devicesAt(scenario, 0),
      traffic: Float64Array.of(1100, 0),
      plan: APART,
      seconds: 10,
    };
    const first = answerStep({ ...request, backlog: new Float64Array(2) });
    // A tenth more work than time: a second of it is left after ten.
    expect(first.backlog[0]).toBeCloseTo(1, 9);
    const later = answerStep({ ...request, backlog: Float64Array.of(2, 0) });
    expect(later.backlog[0]).toBe(2);
    expect(later.failed).toBeCloseTo(1100, 6);
  });
});

describe("a simulated policy", () => {
  test("gives the same twice, and other traffic for another seed", () => {
    const scenario = twoDevices([], { noise: 0.3, season: 0.4 });
    const once = simulate(scenario, still, APART);
    expect(simulate(scenario, still, APART)).toEqual(once);
    expect(drawTrace({ ...scenario, seed: 2 }).traffic).not.toEqual(drawTrace(scenario).traffic);
  });

  test("loses what a device that is down would have answered, and no more", () => {
    const fail = { kind: "fail", device: "a", from: 0.25, until: 0.5 };
    const { failedShare, p99 } = simulate(twoDevices([fail]), still, APART);
    // A quarter of the hour and two seconds of loading, of half of the traffic.
    expect(failedShare).toBeGreaterThanOrEqual(0.125);
    expect(failedShare).toBeLessThan(0.125 + 0.5 * (20 / 3600) + 1e-9);
    expect(p99).toBeGreaterThan(1950);
  });

  test("brings an expert to another device beside the first, and only then drops it", () => {
    const scenario = twoDevices();
    const turn: Policy = {
      name: "turn",
      decide: ({ hour }) => (hour > 0.4 && hour < 0.5 ? { plan: [[1], [1]], why: "told" } : null),
    };
    const { nMoves, megabytesMoved, failedShare } = simulate(scenario, turn, APART);
    expect({ nMoves, megabytesMoved, failedShare }).toEqual({
      nMoves: 1,
      megabytesMoved: 20,
      failedShare: 0,
    });
  });

  test("holds every expert somewhere, for every target, while all devices are up", () => {
    const scenario = twoDevices();
    const states = devicesAt(scenario, 0);
    const place = fc.subarray([0, 1], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place, fc.nat(8)), { maxLength: 12 }), (aims) => {
        const holdings = createHoldings(scenario, APART);
        let second = 0;
        for (const [first, other, wait] of aims) {
          holdings.aim([first, other]);
          for (let i = 0; i < wait; i++) {
            holdings.advance(states, second++);
            expect(holdings.held().every((places) => places.length > 0)).toBe(true);
          }
        }
      }),
    );
  });
});

describe("a scenario", () => {
  test("of the committed ones is read whole", () => {
    const names = readdirSync(FOLDER);
    expect(names).toHaveLength(11);
    for (const name of names) {
      const scenario = parseScenario(readFileSync(`${FOLDER}/${name}`, "utf8"));
      expect(`${scenario.name}.json`).toBe(name);
      expect(scenario.devices.length).toBeGreaterThan(4);
    }
  });

  test("that is none is refused, each key named", () => {
    expect(() => parseScenario("{")).toThrow("must be JSON");
    expect(() => twoDevices([], { hours: -1, noise: "much" })).toThrow(/hours: .*noise: /s);
    const fail = { kind: "fail", device: "c", from: 0, until: 1 };
    expect(() => twoDevices([fail])).toThrow('devices of the scenario, got "c"');
  });
});

/** Waiting times of M/M/1, customer after customer (Lindley 1952). */
function playQueue({ load, serviceMs, n }: { load: number; serviceMs: number; n: number }): {
  readonly mean: number;
  quantile(share: number): number;
} {
  const rng = createRng(5);
  const draw = (mean: number): number => -mean * Math.log(1 - rng.uniform());
  const waits = new Float64Array(n);
  for (let i = 1; i < n; i++) {
    waits[i] = Math.max(0, waits[i - 1]! + draw(serviceMs) - draw(serviceMs / load));
  }
  const sorted = waits.slice().sort();
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / n;
  return { mean, quantile: (share) => sorted[Math.floor(share * n)]! };
}
