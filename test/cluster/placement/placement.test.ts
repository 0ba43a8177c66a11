/**
 * Goal: a plan keeps every limit, is close to the best there is, and says what bars it if there is
 * none; steps from one plan to the next leave no expert without a home.
 * Method: small problems solved by trying every plan; larger ones against the bound of HiGHS;
 * properties over random problems.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawProblem } from "../../../src/benches/fabric/problems.ts";
import {
  boundOf,
  gapOf,
  movesBetween,
  type Placed,
  type Problem,
  parseDevices,
  place,
  tablesOf,
  violationsOf,
} from "../../../src/cluster/placement/index.ts";
import { objectiveOf } from "../../../src/cluster/placement/objective.ts";
import { allPlans } from "./problems.ts";

function placed(problem: Problem): Placed {
  const found = place(problem, 1);
  if ("unplaced" in found) throw new Error(JSON.stringify(found));
  return found;
}

function bestOf(problem: Problem): number {
  const tables = tablesOf(problem);
  let best = Number.POSITIVE_INFINITY;
  for (const plan of allPlans(problem)) {
    if (violationsOf(problem, tables, plan).length > 0) continue;
    best = Math.min(best, objectiveOf(problem, tables, plan));
  }
  return best;
}

describe("small problems", () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`${seed}: the plan is the best of all, or within 3 % of it, and the bound is below`, async () => {
      const replicas = 1 + (seed % 2);
      const sizes = { nExperts: replicas === 1 ? 7 : 4, nDevices: 3 + (seed % 2), room: 2 };
      const problem = drawProblem(seed, { ...sizes, replicas });
      const best = bestOf(problem);
      const { plan, objective } = placed(problem);
      expect(objectiveOf(problem, tablesOf(problem), plan)).toBeCloseTo(objective, 9);
      expect(objective).toBeGreaterThanOrEqual(best - 1e-9);
      expect(objective).toBeLessThanOrEqual(1.03 * best);
      const bound = await boundOf(problem, 10);
      expect(bound.status).toBe("Optimal");
      expect(bound.objective!).toBeLessThanOrEqual(best + 1e-6);
    });
  }

  test("the objective is the formula's, by hand", () => {
    const device = { zone: "z", memoryBytes: 1e6, bytesPerSecond: 1e6, watts: 50 };
    const problem: Problem = {
      devices: [
        { ...device, name: "a", flopsPerSecond: 1e6, latencyMs: 1 },
        { ...device, name: "b", flopsPerSecond: 2e6, latencyMs: 3 },
      ],
      experts: [
        {
          id: "x",
          bytes: 1000,
          flopsPerRow: 100,
          bytesPerRow: 10,
          rowsPerSecond: 3000,
          replicas: 2,
          zones: null,
        },
        {
          id: "y",
          bytes: 500,
          flopsPerRow: 50,
          bytesPerRow: 10,
          rowsPerSecond: 1000,
          replicas: 1,
          zones: null,
        },
      ],
      current: [[0], [0]],
      weights: { imbalance: 10, migration: 2, energy: 0.1 },
      maxLoad: 1,
      batchRows: 20,
    };
    // Loads: a has 1500 · 100 / 1e6 = .15 of x; b .075 of x and 1000 · 50 / 2e6 = .025 of y.
    // Answers: x on a 1 + .2 + 2, on b 3 + .2 + 1; y on b 3 + .2 + .5 ms. New: x and y on b.
    const latency = 0.75 * ((3.2 + 4.2) / 2) + 0.25 * 3.7;
    const expected = latency + 10 * 0.15 + 2 * (0.001 + 0.0005) + 0.1 * 50 * (0.15 + 0.1);
    expect(objectiveOf(problem, tablesOf(problem), [[0, 1], [1]])).toBeCloseTo(expected, 12);
  });
});

describe("larger problems", () => {
  test("64 experts on 8 devices are within 2 % of the bound", async () => {
    const problem = drawProblem(1, { nExperts: 64, nDevices: 8, room: 1.5 });
    const { objective, plan } = placed(problem);
    expect(violationsOf(problem, tablesOf(problem), plan)).toEqual([]);
    const { objective: bound } = await boundOf(problem, 20);
    expect(gapOf(objective, bound!)).toBeGreaterThanOrEqual(-1e-9);
    expect(gapOf(objective, bound!)).toBeLessThan(0.02);
  });

  test("for every problem, a plan keeps every limit, or the expert without room is named", () => {
    const arbitrary = fc.record({
      seed: fc.nat(),
      nExperts: fc.integer({ min: 1, max: 20 }),
      nDevices: fc.integer({ min: 1, max: 6 }),
      room: fc.double({ min: 0.5, max: 3, noNaN: true }),
      replicas: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ seed, ...sizes }) => {
        const problem = drawProblem(seed, sizes);
        const found = place(problem, seed);
        if ("unplaced" in found) {
          expect(problem.experts.map(({ id }) => id)).toContain(found.unplaced.expert);
          expect(found.unplaced.devices).toHaveLength(sizes.nDevices);
          for (const { rule } of found.unplaced.devices) expect(rule).toBeTruthy();
        } else expect(violationsOf(problem, tablesOf(problem), found.plan)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("the same seed gives the same plan", () => {
    const problem = drawProblem(2, { nExperts: 40, nDevices: 6, room: 1.5 });
    expect(place(problem, 3)).toEqual(place(problem, 3));
  });
});

describe("limits", () => {
  const problem = drawProblem(1, { nExperts: 6, nDevices: 3, room: 3 });

  test("an expert that fits nowhere is named, and what bars it on each device", () => {
    const devices = [
      { ...problem.devices[0]!, memoryBytes: 10 },
      { ...problem.devices[1]!, flopsPerSecond: 1 },
      { ...problem.devices[2]!, zone: "moon" },
    ];
    const experts = [{ ...problem.experts[0]!, zones: ["plant", "centre"] }];
    expect(place({ ...problem, devices, experts }, 1)).toEqual({
      unplaced: {
        expert: "e0",
        devices: [
          { name: "d0", rule: "memory" },
          { name: "d1", rule: "load" },
          { name: "d2", rule: "zone" },
        ],
      },
    });
  });

  test("the limit that binds is named", async () => {
    const [first, ...others] = problem.devices;
    const { bytes } = problem.experts[0]!;
    const near = { ...first!, latencyMs: 0, flopsPerSecond: 1e15, memoryBytes: bytes };
    const far = others.map((device) => ({ ...device, latencyMs: 50 }));
    const { binding } = await boundOf({ ...problem, devices: [near, ...far] }, 10);
    expect(binding).toContainEqual({ device: near.name, rule: "memory" });
  });

  test("what cannot be a problem is refused", () => {
    expect(() => place({ ...problem, devices: [] }, 1)).toThrow("at least one");
    expect(() => place({ ...problem, experts: [] }, 1)).toThrow("at least one");
    const devices = [{ ...problem.devices[0]!, flopsPerSecond: 0 }];
    expect(() => place({ ...problem, devices }, 1)).toThrow("d0's flopsPerSecond");
  });
});

test("moves lead from plan to plan, and every expert is somewhere at each step", () => {
  const problem = drawProblem(5, { nExperts: 30, nDevices: 5, room: 2, replicas: 2 });
  const before = placed(problem).plan;
  const slower = problem.devices.map((device, d) => {
    return d === 0 ? { ...device, latencyMs: 100 } : device;
  });
  const { plan: after, moves } = placed({ ...problem, devices: slower, current: before });
  expect(moves).toEqual(movesBetween(before, after, problem));
  expect(moves.length).toBeGreaterThan(0);
  const names = problem.devices.map(({ name }) => name);
  const held = new Map(problem.experts.map(({ id }, e) => [id, new Set(before[e])]));
  for (const { action, expert, device } of moves) {
    const own = held.get(expert)!;
    if (action === "load") own.add(names.indexOf(device));
    else own.delete(names.indexOf(device));
    expect(own.size).toBeGreaterThanOrEqual(2);
  }
  expect(problem.experts.map(({ id }) => [...held.get(id)!].sort((a, b) => a - b))).toEqual(after);
  expect(movesBetween(after, after, problem)).toEqual([]);
});

test("a file of devices is read in its units, and nonsense is refused by name", () => {
  const device = { name: "a", gigaflops: 2, memoryMB: 3 };
  const file = parseDevices(JSON.stringify({ devices: [device], rowsPerSecond: 5 }));
  expect(file.devices[0]).toMatchObject({ flopsPerSecond: 2e9, memoryBytes: 3e6, zone: "default" });
  const bad = (change: object) => () =>
    parseDevices(JSON.stringify({ devices: [device], rowsPerSecond: 5, ...change }));
  expect(bad({ devices: [] })).toThrow("devices");
  expect(bad({ devices: [device, device] })).toThrow('"a" comes twice');
  expect(bad({ rowsPerSecond: "many" })).toThrow("rowsPerSecond");
  expect(bad({ speed: 1 })).toThrow("speed");
  expect(() => parseDevices("{")).toThrow("must be JSON");
});
