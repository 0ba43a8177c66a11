/**
 * Goal: what is fetched next is what is used most for its bytes, and what is dropped for it is less
 * useful, within the limit.
 * Method: sizes and uses worked by hand; at random, the limit holds after every step.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createUsage,
  DEFAULT_PRICES,
  nextFetch,
  type Part,
  roomFor,
} from "../../../src/api/agent/residency.ts";

const part = (hash: string, bytes: number): Part => ({ hash, bytes });
const LINK = { askMs: 100, rowBytes: 40 };
const usageOf = (uses: Readonly<Record<string, number>>) =>
  createUsage(new Map(Object.entries(uses)));

test("the expert with most rows for its bytes comes first, and the least useful one goes", () => {
  const usage = usageOf({ a: 30, b: 20, c: 2, d: 1 });
  const residents = { parts: [part("c", 50), part("d", 40)], mostBytes: 100 };
  const worth = { prices: DEFAULT_PRICES, link: LINK };
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
  const worth = { prices: { millisecond: 0, byte: 1, joule: 0 }, link: LINK };
  const none = { parts: [], mostBytes: 1e6 };
  const next = (rows: number) => nextFetch([part("a", 4000)], none, usageOf({ a: rows }), worth);
  expect(next(100)).toBeNull();
  expect(next(101)?.hash).toBe("a");
});

test("an expert without rows is not fetched, and old rows count less than new ones", () => {
  const usage = usageOf({ a: 10, b: 10 });
  usage.add(new Map([["b", 5]]));
  expect(usage.of("b") - usage.of("a")).toBe(5);
  expect(usage.of("a")).toBeLessThan(10);
  const residents = { parts: [], mostBytes: 10 };
  const worth = { prices: DEFAULT_PRICES, link: LINK };
  expect(nextFetch([part("z", 1)], residents, usage, worth)).toBeNull();
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
