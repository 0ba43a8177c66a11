/**
 * Goal: the parts of dates that a target follows are features, the others are not.
 * Method: two years of days with laws that a reader can see.
 */
import { describe, expect, test } from "vitest";
import { chooseDateParts, openTable, selectRows } from "../../src/library/index.ts";
import { createRng } from "../../src/shared/rng.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2023, 0, 2);

/** Day i is a Monday where i is a multiple of 7. */
async function choose(law: (day: number, a: number) => number, others = true) {
  const rng = createRng(2);
  const rows = Array.from({ length: 200 }, (_, i) => {
    const day = Math.floor(730 * rng.uniform());
    const a = rng.uniform();
    const sold = i === 5 ? null : new Date(START + day * DAY_MS).toISOString().slice(0, 10);
    return { sold, ...(others ? { a } : {}), y: law(day, a) + 0.1 * rng.normal() };
  });
  const table = await openTable(rows, { target: "y", types: { sold: "date" } });
  const { selected, notes } = chooseDateParts(selectRows(table.name, table.table, table));
  return { names: selected.features.columns.map(({ name }) => name), notes };
}

describe("of dates are features", () => {
  test("the days of a trend", async () => {
    const { names, notes } = await choose((day, a) => day / 100 + a);
    expect(names).toEqual(["sold (days)", "a"]);
    expect(notes).toEqual(['column "sold": of its dates these parts are features: days']);
  });

  test("the days of the week, where one day differs from the others", async () => {
    const { names } = await choose((day) => (day % 7 === 2 ? 3 : 0));
    expect(names).toContain("sold (Wednesday)");
    expect(names).not.toContain("sold (days)");
  });

  test("the season, where another column says how strong it is", async () => {
    const { names } = await choose(
      (day, a) => 4 * a * Math.sin((2 * Math.PI * (day + 1)) / 365.25),
    );
    expect(names).toEqual(["sold (sine of year)", "sold (cosine of year)", "a"]);
  });

  test("none, where the target follows another column", async () => {
    const { names, notes } = await choose((_day, a) => 2 * a);
    expect(names).toEqual(["a"]);
    expect(notes).toEqual(['column "sold": no part of its dates lowers the held-out error']);
  });

  test("all, where there is nothing else to learn from", async () => {
    expect((await choose(() => 0, false)).names.length).toBeGreaterThan(10);
  });
});
