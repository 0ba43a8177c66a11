/**
 * Goal: `predict --interval` and `evaluate --interval` say what the library says, in the target's
 * units, and refuse levels that cannot be.
 * Method: bundles by hand with calibrations drawn at random; the program in this process, its
 * streams captured.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type BundleContent, writeBundle } from "../../src/bundle/index.ts";
import { tableFromRecords } from "../../src/data/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { predictIntervals } from "../../src/mixture/index.ts";
import { calibrated } from "../bundle/calibrations.ts";
import { explained } from "../bundle/explanations.ts";
import { makeContent, temporaryFolder } from "../bundle/models.ts";
import { call } from "./call.ts";

const PLAN = { seed: 3, experts: ["ridge", "mlp"], gate: "softmax" } as const;
const CONTENT = calibrated(makeContent(PLAN));
const RECORDS = Array.from({ length: 40 }, (_, i) => ({
  water: 140 + 2 * i,
  "mill | *type*": i % 2 === 0 ? "a" : "<b>",
  age: 1 + i,
}));

/** The target of row i. */
const truth = (i: number): number => 35 + (i % 3);

/** A bundle of the content, and the rows with their target. */
async function written(content: BundleContent): Promise<{ bundle: string; rows: string }> {
  const folder = temporaryFolder();
  const [bundle, rows] = [join(folder, "bundle"), join(folder, "rows.csv")];
  await writeBundle(bundle, content);
  const lines = RECORDS.map((row, i) => [...Object.values(row), truth(i)].join(","));
  writeFileSync(rows, `water,mill | *type*,age,strength\n${lines.join("\n")}\n`);
  return { bundle, rows };
}

/** Columns of a CSV by name, as numbers. */
function columnsOf(csv: string): Readonly<Record<string, number[]>> {
  const [names, ...rows] = csv
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return Object.fromEntries(names!.map((name, c) => [name, rows.map((row) => Number(row[c]))]));
}

describe("predict --interval", () => {
  test("adds lower and upper, those of the library", async () => {
    const { bundle, rows } = await written(CONTENT);
    const { stdout } = await call("predict", bundle, rows, "--interval", "0.9");
    const { model } = CONTENT;
    const table = tableFromRecords(RECORDS, model.preprocessing);
    const { values, lower, upper } = predictIntervals(createReferenceEngine(), model, table, 0.9);
    const columns = columnsOf(stdout);
    expect(Object.keys(columns)).toEqual(["prediction", "lower", "upper"]);
    for (const [name, wanted] of Object.entries({ prediction: values, lower, upper })) {
      columns[name]!.forEach((value, i) => {
        expect(value).toBeCloseTo(wanted[i]!, 4);
      });
    }
    expect(columns["upper"]![0]! - columns["prediction"]![0]!).toBeGreaterThan(0);
  });

  test("stands beside --explain", async () => {
    const { bundle, rows } = await written({ ...explained(CONTENT), model: CONTENT.model });
    const { stdout } = await call("predict", bundle, rows, "--explain", "--interval", "0.5");
    expect(stdout.split("\n")[0]).toBe(
      "prediction,lower,upper,base value,contribution of water,contribution of mill | *type*," +
        "contribution of age,expert,score 0,score 1,novelty,boundary",
    );
  });

  test("is refused by a bundle that keeps no errors, or too few", async () => {
    const { bundle, rows } = await written(makeContent(PLAN));
    await expect(call("predict", bundle, rows, "--interval", "0.9")).rejects.toMatchObject({
      code: "INTERVALS_MISSING",
    });
    const few = await written(calibrated(makeContent(PLAN), { perRegime: 5 }));
    await expect(call("predict", few.bundle, few.rows, "--interval", "0.95")).rejects.toThrow(
      "an interval of level 0.95 needs at least 19 held-out errors (level / (1 - level)), the model has 10",
    );
  });

  test.each(["0", "1", "90", "wide", ""])('of "%s" is no level', async (level) => {
    const { bundle, rows } = await written(CONTENT);
    await expect(call("predict", bundle, rows, "--interval", level)).rejects.toThrow(
      "must be a number above 0 and below 1",
    );
  });
});

describe("evaluate --interval", () => {
  test("counts the targets within intervals, pooled and by regime, as JSON", async () => {
    const { bundle, rows } = await written(CONTENT);
    const { stdout } = await call("evaluate", bundle, rows, "--interval", "0.9", "--json");
    const { nSamples, intervals } = JSON.parse(stdout);
    const { lower, upper } = columnsOf(
      (await call("predict", bundle, rows, "--interval", "0.9")).stdout,
    );
    const held = RECORDS.filter((_, i) => lower![i]! <= truth(i) && truth(i) <= upper![i]!).length;
    expect(nSamples).toBe(40);
    expect(intervals).toMatchObject({ level: 0.9, nSamples: 40, nCovered: held });
    expect(intervals.coverage).toBe(held / 40);
    expect(intervals.byChance).toEqual([30 / 40, 1]);
    const { perRegime } = intervals;
    expect(perRegime).toMatchObject([
      { expert: "m0.e0", isOwn: true, nErrors: 150 },
      { expert: "m0.e1", isOwn: true, nErrors: 150 },
    ]);
    expect(perRegime[0].nCovered + perRegime[1].nCovered).toBe(held);
  });

  test("and as a table, under the errors", async () => {
    const { bundle, rows } = await written(calibrated(makeContent(PLAN), { perRegime: 20 }));
    const { stdout } = await call("evaluate", bundle, rows, "--interval", "0.9");
    expect(stdout).toContain("40 rows: rmse ");
    expect(stdout).toContain("intervals that should contain 90 % of the targets");
    expect(stdout).toMatch(/regime +rows +held +by chance +mean width +held-out errors/);
    expect(stdout).toMatch(/all +40 +\d+\.\d % +75\.0 % – 100\.0 % +[\d.]+\n/);
    expect(stdout).toMatch(/m0\.e1 .* 40 pooled/);
    expect((await call("evaluate", bundle, rows)).stdout).not.toContain("should contain");
  });
});

test("evaluate shows the errors of experts where a member divides the rows", async () => {
  const divided = await written(makeContent(PLAN));
  const { stdout } = await call("evaluate", divided.bundle, divided.rows);
  expect(stdout).toMatch(/\nexpert +rows +rmse +mae\n─.*\nm0\.e0 .*\nm0\.e1 /);
  const whole = await written(makeContent({ ...PLAN, experts: ["mlp"], nMembers: 2 }));
  const told = await call("evaluate", whole.bundle, whole.rows);
  expect(told.stdout).toMatch(/^40 rows: rmse .*\n$/);
});

test("inspect says which errors the intervals come from", async () => {
  const { bundle } = await written(CONTENT);
  const told = "intervals: from 300 held-out errors; separate for m0.e0, m0.e1";
  expect((await call("inspect", bundle)).stdout).toContain(told);
  const none = await written(makeContent(PLAN));
  expect((await call("inspect", none.bundle)).stdout).not.toContain("intervals");
});
