/**
 * Goal: the parts of dates that a target follows are features, the others are not.
 * Method: two years of days with laws that a reader can see.
 */
import { describe, expect, test } from "vitest";
import { fitPreprocessing } from "../../src/data/index.ts";
import {
  chooseDateParts,
  keepChosenDates,
  openTable,
  selectRows,
} from "../../src/library/index.ts";
import { createRng } from "../../src/shared/rng.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2023, 0, 2);

interface Days {
  /** The target of a day, without noise. */
  readonly law: (day: number, a: number) => number;
  /** Whether there is a column `a` beside the dates. Default: yes. */
  readonly others?: boolean;
  /** Days among which the dates are drawn, from the first on. Default: two years. */
  readonly nDays?: number;
}

/** 200 rows. Day i is a Monday where i is a multiple of 7. */
async function drawDays({ law, others = true, nDays = 730 }: Days) {
  const rng = createRng(2);
  const rows = Array.from({ length: 200 }, (_, i) => {
    const day = Math.floor(nDays * rng.uniform());
    const a = rng.uniform();
    const sold = i === 5 ? null : new Date(START + day * DAY_MS).toISOString().slice(0, 10);
    return { sold, ...(others ? { a } : {}), y: law(day, a) + 0.1 * rng.normal() };
  });
  const table = await openTable(rows, { target: "y", types: { sold: "date" } });
  return selectRows(table.name, table.table, table);
}

async function choose(law: Days["law"], others = true) {
  const { selected, notes } = chooseDateParts(await drawDays({ law, others }));
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

describe("of the rows as they were read, a model's page keeps the columns that it was fitted to:", () => {
  async function kept(days: Days) {
    const read = await drawDays(days);
    const { features, y } = chooseDateParts(read).selected;
    const rows = Int32Array.from(y.keys());
    const preprocessing = fitPreprocessing(features, y, rows, "y");
    const constants = preprocessing.features.filter(({ constant }) => constant !== undefined);
    const page = keepChosenDates(read, preprocessing);
    expect(page.features.columns).toEqual(features.columns);
    expect(page.y).toEqual(read.y);
    return {
      nRead: read.features.columns.length,
      names: page.features.columns.map(({ name }) => name),
      constants: constants.map(({ name }) => name),
    };
  }

  test("the chosen part, where there are dates alone", async () => {
    const { names } = await kept({ law: (day) => day / 100, others: false });
    expect(names).toEqual(["sold (days)"]);
  });

  test("all parts where none was chosen of dates alone, one that is constant too", async () => {
    const { names, nRead, constants } = await kept({ law: () => 0, others: false, nDays: 300 });
    expect(constants).toEqual(["sold (year)"]);
    expect(names).toHaveLength(nRead);
  });

  test("no part that was not chosen, and every other column", async () => {
    const { names, nRead } = await kept({ law: (day, a) => day / 100 + a });
    expect(names).toEqual(["sold (days)", "a"]);
    expect(nRead).toBeGreaterThan(10);
  });
});
