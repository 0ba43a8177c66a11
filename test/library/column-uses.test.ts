/**
 * Goal: a fit says of every column of the user's table what became of it.
 * Method: one table with a column of each kind.
 */
import { beforeAll, expect, test } from "vitest";
import { type Fitted, fit, openTable } from "../../src/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { QUICK } from "./prices.ts";

let model: Fitted;
let warnings: readonly string[];
beforeAll(async () => {
  const rng = createRng(5);
  const rows = Array.from({ length: 120 }, (_, i) => {
    const [a, b] = [rng.uniform(), rng.uniform()];
    const weight = `${(10 * b).toFixed(2)} kg`;
    const day = new Date(Date.UTC(2021, 0, 1 + 3 * i)).toISOString().slice(0, 10);
    return {
      id: 1000 + i,
      day,
      a: i % 11 === 3 ? null : a,
      weight,
      colour: i % 3 === 0 ? "red" : "blue",
      shop: `Shop ${i % 60}`,
      always: 7,
      blank: i % 2 === 0 ? null : "NA",
      trial: `T${i % 8}`,
      y: 4 * a + b + (i % 60) / 20 + 0.1 * rng.normal(),
    };
  });
  const table = await openTable(rows, { target: "y", group: "trial" });
  warnings = table.warnings;
  model = await fit(table, { ...QUICK, experts: 1, threads: 1 });
}, 60_000);

test("each column has a line: how it was read, and what came of it", () => {
  const lines = Object.fromEntries(model.columns.map((own) => [own.column, own]));
  expect(model.columns).toHaveLength(10);
  expect(lines).toMatchObject({
    id: { usedAs: "left out" },
    day: { readAs: "date" },
    a: { readAs: "number", usedAs: "feature, missing cells marked" },
    weight: { readAs: "number (kg)", usedAs: "feature" },
    colour: { readAs: "category", usedAs: "2 levels" },
    shop: { readAs: "category" },
    always: { usedAs: "no effect: one value" },
    blank: { usedAs: "left out: no values" },
    trial: { usedAs: "group" },
    y: { readAs: "number", usedAs: "target" },
  });
  expect(lines["shop"]!.usedAs).toMatch(/^50 of 60 levels/);
  expect(warnings).toContain('column "blank" is left out: no values');
  expect(warnings.join("\n")).not.toContain('column "blank" has');
});

test("a table of nothing but empty columns keeps them", async () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ a: null, b: "", y: i }));
  const { drop } = await openTable(rows, { target: "y" });
  expect(drop).toEqual([]);
});
