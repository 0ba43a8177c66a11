/**
 * Goal: as many nodes are wanted as traffic, memory and replicas need, soon enough and not for long.
 * Method: numbers that can be reckoned by hand; a day that comes again and again.
 */
import { describe, expect, test } from "vitest";
import { playNodes } from "../../../src/benches/fabric/nodes.ts";
import { createNodeCount } from "../../../src/cluster/orchestration/index.ts";
import {
  type Device,
  type Load,
  nodeNeeds,
  wantedNodes,
} from "../../../src/cluster/placement/index.ts";

const demand = { now: 300, expected: 900, capacity: 100, startSeconds: 30, least: 2 };

describe("wanted nodes", () => {
  test("are busy for three quarters of their time at most, and follow a forecast if slow to start", () => {
    expect(wantedNodes(demand)).toBe(4);
    expect(wantedNodes({ ...demand, startSeconds: 120 })).toBe(4);
    expect(wantedNodes({ ...demand, startSeconds: 600 })).toBe(12);
    expect(wantedNodes({ ...demand, startSeconds: 600, expected: 0 })).toBe(4);
    expect(wantedNodes({ ...demand, now: 0 })).toBe(2);
  });

  test("hold the experts, and are as many as an expert has replicas", () => {
    const load: Load = {
      ...{ id: "e", bytes: 60, flopsPerRow: 5, bytesPerRow: 1 },
      ...{ rowsPerSecond: 20, replicas: 2, zones: null },
    };
    const device: Device = {
      ...{ name: "d", zone: "z", flopsPerSecond: 200, memoryBytes: 100 },
      ...{ latencyMs: 1, bytesPerSecond: 1, watts: 0 },
    };
    expect(nodeNeeds([load], [device])).toEqual({ now: 100, capacity: 200, least: 2 });
    const larger = [device, { ...device, flopsPerSecond: 400, memoryBytes: 20 }];
    expect(nodeNeeds([load, load], larger)).toEqual({ now: 200, capacity: 300, least: 4 });
  });
});

describe("a count of nodes", () => {
  test("grows at once, and shrinks after half an hour", () => {
    const count = createNodeCount(30);
    const look = (minute: number, now: number): number =>
      count.look(minute / 60, { now, capacity: 100, least: 1 });
    expect([look(0, 70), look(1, 400), look(2, 70)]).toEqual([1, 6, 6]);
    expect([look(30, 140), look(31, 70), look(60, 70)]).toEqual([6, 2, 1]);
  });

  test("foresees a day that has come before, where nodes take ten minutes to start", () => {
    const days = 5;
    const work = Float64Array.from({ length: 1440 * days }, (_, minute) => {
      return 500 - 450 * Math.cos((2 * Math.PI * minute) / 720);
    });
    const stage = { work, fromMinute: 1440 * (days - 1), capacity: 20 };
    const reactive = playNodes(stage, 600, createNodeCount(0));
    const foreseeing = playNodes(stage, 600, createNodeCount(600));
    expect(reactive.overload).toBeGreaterThan(0.05);
    expect(foreseeing.overload).toBeLessThan(0.1 * reactive.overload);
    expect(foreseeing.nodeMinutes).toBeLessThan(1.2 * reactive.nodeMinutes);
  });
});
