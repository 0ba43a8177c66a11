/** What the placer sees coming: cold experts that will be asked for, regimes that no longer fit. */
import { expect, test } from "vitest";
import { createPrefetcher } from "../../../src/cluster/orchestration/prefetch.ts";
import { createShiftWatch } from "../../../src/cluster/orchestration/regime-shift.ts";
import type { ModelRecord } from "../../../src/cluster/router/index.ts";

const hashOf = (k: number): string => String(k).repeat(64);

test("of the cold experts, those with the most requests are fetched, within the memory", () => {
  const prefetcher = createPrefetcher();
  const streamed = [0, 1, 2].map((k) => ({ hash: hashOf(k), bytes: 100 }));
  const homes = { [hashOf(0)]: ["z.a"], [hashOf(1)]: ["z.a"], [hashOf(2)]: ["z.a", "z.b"] };
  const rates = new Map([
    [hashOf(1), 5],
    [hashOf(2), 9],
  ]);
  const free = new Map([
    ["z.a", 150],
    ["z.b", 50],
  ]);
  const hours = { now: 0, until: 0.01 };
  const next = prefetcher.next({ streamed, rates, hours, homes, freeBytes: free });
  expect([...next]).toEqual([["z.a", [hashOf(2)]]]);
});

test("the forecast follows the day: an expert that noon needs is fetched before noon", () => {
  const prefetcher = createPrefetcher();
  const streamed = [0, 1].map((k) => ({ hash: hashOf(k), bytes: 100 }));
  const homes = { [hashOf(0)]: ["z.a"], [hashOf(1)]: ["z.a"] };
  const free = new Map([["z.a", 100]]);
  const ratesAt = (hour: number): ReadonlyMap<string, number> => {
    const noon = Math.max(0, Math.cos(((hour - 12) / 12) * Math.PI));
    return new Map([
      [hashOf(0), 4],
      [hashOf(1), 0.1 + 10 * noon],
    ]);
  };
  let first = "";
  for (let hour = 0; hour < 24 * 4 + 8; hour++) {
    const hours = { now: hour, until: hour + 4 };
    const next = prefetcher.next({
      streamed,
      rates: ratesAt(hour),
      hours,
      homes,
      freeBytes: free,
    });
    first = next.get("z.a")![0]!;
  }
  // At seven it is asked for little; by eleven it will be asked for most.
  expect(first).toBe(hashOf(1));
});

const model: ModelRecord = {
  name: "m",
  replicas: 1,
  zoneLists: [],
  classes: {},
  experts: [0.7, 0.2, 0.1].map((share, k) => ({
    id: `m0.e${k}`,
    hash: hashOf(k),
    bytes: 1,
    flopsPerRow: 1,
    bytesPerRow: 1,
    share,
    zones: null,
  })),
};
const rows = (...counts: readonly number[]): ReadonlyMap<string, number> =>
  new Map(counts.map((n, k) => [hashOf(k), n]));

test("rows that go to other experts than the training rows did are reported once, after a while", () => {
  const watch = createShiftWatch();
  const said = [
    rows(100, 100, 800),
    rows(700, 200, 100),
    rows(100, 100, 800),
    rows(100, 100, 800),
    rows(100, 100, 800),
    rows(100, 100, 800),
  ].map((own) => watch.look([model], own, 10));
  expect(said.map((why) => why !== null)).toEqual([false, false, false, false, true, false]);
  expect(said[4]).toMatch(/70 % of the rows that m gets/);
});

test("few rows say nothing, nor does a model that asks every expert for every row", () => {
  const watch = createShiftWatch();
  const smooth = { ...model, experts: model.experts.map((own) => ({ ...own, share: 1 })) };
  for (let i = 0; i < 5; i++) {
    expect(watch.look([model], rows(0, 0, 90), 10)).toBeNull();
    expect(watch.look([smooth], rows(0, 0, 9000), 10)).toBeNull();
  }
});
