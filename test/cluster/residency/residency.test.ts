/**
 * Goal: what is fetched next is what is used most for its bytes, and what is dropped for it is less
 * useful, within the limit.
 * Method: sizes and uses worked by hand; at random, the limit holds after every step.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createUsage,
  DEFAULT_PRICES,
  nextFetch,
  type Part,
  roomFor,
} from "../../../src/cluster/residency/choice.ts";
import { createResidency } from "../../../src/cluster/residency/index.ts";

const part = (hash: string, bytes: number): Part => ({ hash, bytes });
const LINK = { askMs: 100, rowBytes: 40 };
const usageOf = (uses: Readonly<Record<string, number>>) =>
  createUsage(new Map(Object.entries(uses).map(([hash, share]) => [hash, { share }])));

test("the expert with most rows for its bytes comes first, and the least useful one goes", () => {
  const usage = usageOf({ a: 30, b: 20, c: 2, d: 1 });
  const residents = { parts: [part("c", 50), part("d", 40)], mostBytes: 100 };
  const worth = { prices: DEFAULT_PRICES, ...LINK };
  expect(nextFetch([part("a", 60), part("b", 10)], residents, usage, worth)?.hash).toBe("b");
  expect(roomFor(part("a", 60), residents, usage.of)).toEqual([part("d", 40), part("c", 50)]);
  expect(roomFor(part("b", 10), residents, usage.of)).toEqual([]);
});

test.each<[string, Part, Readonly<Record<string, number>>]>([
  ["that is larger than the limit", part("a", 101), { a: 100, c: 0 }],
  ["whose use is less than one and a half times what would go", part("a", 60), { a: 29, c: 20 }],
  ["for which something of infinite use would go", part("a", 60), { a: 9, c: Infinity }],
])("nothing goes for an expert %s", (_which, wanted, uses) => {
  const residents = { parts: [part("c", 50)], mostBytes: 100 };
  expect(roomFor(wanted, residents, (hash) => uses[hash]!)).toBeNull();
});

test("where bytes cost, an expert comes once asking for its rows costs more", () => {
  const worth = { prices: { millisecond: 0, byte: 1, joule: 0 }, ...LINK };
  const none = { parts: [], mostBytes: 1e6 };
  const next = (rows: number) => nextFetch([part("a", 4000)], none, usageOf({ a: rows }), worth);
  expect(next(100)).toBeNull();
  expect(next(101)?.hash).toBe("a");
});

test("an expert without rows is not fetched, and old rows count less than new ones", () => {
  const usage = usageOf({ a: 0.5, b: 0.5 });
  for (let request = 0; request < 30; request++) usage.add(new Map([["b", 5]]));
  expect(usage.of("b")).toBeGreaterThan(usage.of("a"));
  for (let request = 0; request < 30; request++) usage.add(new Map([["a", 5]]));
  expect(usage.of("a")).toBeGreaterThan(usage.of("b"));
  const residents = { parts: [], mostBytes: 10 };
  const worth = { prices: DEFAULT_PRICES, ...LINK };
  expect(nextFetch([part("z", 1)], residents, usage, worth)).toBeNull();
});

test("few rows of a rare expert do not outweigh what all requests and the training rows say", () => {
  // Expected of 16 rows, then and now: half by the last requests, half by all of them.
  const usage = usageOf({ a: 0.9, b: 0.06, c: 0.04 });
  usage.add(new Map([["c", 1]]));
  const [last, all] = [0.967 * 0.04 + 1, 0.999 * 40 + 1];
  const ratio = (0.967 + 1) / (999 + 1);
  expect(usage.of("c")).toBeCloseTo((last + all * ratio) / 2, 12);
  for (let request = 0; request < 100; request++) {
    usage.add(new Map([["a", 15], request % 20 === 0 ? ["c", 1] : ["b", 1]]));
  }
  expect(usage.of("b")).toBeGreaterThan(usage.of("c"));
});

describe("a device's experts", () => {
  const experts = new Map(
    [0.6, 0.3, 0.1].map((share, k) => [
      `e${k}`,
      { hash: `e${k}`, bytes: 100, share, mayFetch: k !== 1 },
    ]),
  );
  const create = () => {
    return createResidency<Part>({ experts, rowBytes: 40 }, { mostBytes: 100, prices: undefined });
  };

  test("are those of most use that may be fetched, until others are of more", () => {
    const residency = create();
    expect(residency.next()).toBe("e0");
    residency.hold(part("e0", 100));
    expect(residency.next()).toBeNull();
    for (let request = 0; request < 60; request++) residency.answered(new Map([["e2", 16]]));
    expect(residency.next()).toBe("e2");
    residency.hold(part("e2", 100));
    expect([...residency.held.keys()]).toEqual(["e2"]);
  });

  test("stay when the version changes, if it still has them", () => {
    const residency = create();
    residency.hold(part("e0", 100));
    residency.switchTo({ experts, rowBytes: 40 });
    expect([...residency.held.keys()]).toEqual(["e0"]);
    residency.switchTo({ experts: new Map(), rowBytes: 40 });
    expect([residency.held.size, residency.next()]).toEqual([0, null]);
  });

  test("come by what asking takes, where bytes cost", () => {
    const prices = { millisecond: 1, byte: 3, joule: 0 };
    const offer = { experts, rowBytes: 0 };
    const residency = createResidency<Part>(offer, { mostBytes: 100, prices });
    expect(residency.next()).toBeNull();
    for (let request = 0; request < 20; request++) residency.waited(500);
    expect(residency.next()).toBe("e0");
  });
});

test("what is held never exceeds the limit, whatever comes in whatever order", () => {
  const drawn = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(20)), { maxLength: 30 });
  fc.assert(
    fc.property(drawn, (coming) => {
      const useOf = (hash: string): number => coming[Number(hash)]![1];
      let parts: readonly Part[] = [];
      for (const [i, [bytes]] of coming.entries()) {
        const drop = roomFor(part(String(i), bytes), { parts, mostBytes: 100 }, useOf);
        if (drop === null) continue;
        parts = [...parts.filter((one) => !drop.includes(one)), part(String(i), bytes)];
        expect(parts.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(100);
      }
    }),
  );
});
