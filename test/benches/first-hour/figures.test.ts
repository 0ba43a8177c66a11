/**
 * Goal: the figures of the first hour are what they say, and the command prints them.
 * Method: errors by hand; the command with its fastest preset on the smallest set.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type FirstHourRow, firstHourFigures } from "../../../src/benches/first-hour/figures.ts";
import { call } from "../../cli/call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-first-hour-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Cells = [FirstHourRow["set"], FirstHourRow["preset"], expected: number, test: number];

function rowsOf(...cells: Cells[]): FirstHourRow[] {
  return cells.map(([set, preset, expected, measured], split) => {
    return { set, split, preset, expectedMse: expected ** 2, testMse: measured ** 2 };
  });
}

test("errors are pooled by set, and a figure without its presets is not measured", () => {
  const rows = rowsOf(
    ["boston", "auto", 4, 2],
    ["boston", "accurate", 1, 2],
    ["yacht", "auto", 1, 2],
    ["yacht", "accurate", 1, 1],
    ["water", "auto", 1, 3],
    ["water", "accurate", 1, 4],
    ["water", "regimes", 1, 2],
    ["mcycle", "auto", 1, 1000],
  );
  const firstModels = [
    { set: "a", seconds: 3 },
    { set: "b", seconds: 11 },
  ];
  const [first, off, accurate, better] = firstHourFigures(rows, firstModels);
  expect(first).toMatchObject({ name: "first-hour.first-model-seconds", value: 11, ok: false });
  expect(off).toMatchObject({ name: "first-hour.expectation-off", value: expect.closeTo(0, 12) });
  expect(accurate).toMatchObject({ value: expect.closeTo(Math.sqrt(2), 12), ok: false });
  expect(better).toMatchObject({ value: expect.closeTo(1.5, 12), must: "<= 1.05", ok: false });
  const [untimed, , none] = firstHourFigures(
    rows.filter(({ preset }) => preset === "auto"),
    [],
  );
  expect([untimed, none]).toMatchObject([
    { value: null, ok: null },
    { value: null, ok: null },
  ]);
});

test("the command fits training rows and measures on test rows", async () => {
  const flags = ["--sets", "nodata", "--presets", "auto", "--time", "1s", "--splits", "1"];
  const { stdout } = await call("bench", "first-hour", ...flags, "--json");
  const { measurements, figures, command } = JSON.parse(stdout);
  expect(command).toContain("--sets nodata --presets auto --splits 0-0 --seed 1 --time 1s");
  expect(measurements.rows).toEqual([
    {
      set: "nodata",
      split: 0,
      preset: "auto",
      expectedMse: expect.any(Number),
      testMse: expect.any(Number),
    },
  ]);
  expect(measurements.rows[0].expectedMse / measurements.rows[0].testMse).toBeGreaterThan(0.05);
  expect(measurements.firstModels).toEqual([{ set: "nodata", seconds: expect.any(Number) }]);
  expect(figures).toHaveLength(4);
}, 60_000);

test("an interrupted run goes on: whole lines are kept, a cut one is measured again", async () => {
  const [row] = rowsOf(["nodata", "auto", 3, 4]);
  const log = join(folder, "fits.jsonl");
  writeFileSync(log, `{"run":"--seed 1 --time 1s"}\n${JSON.stringify(row)}\n{"set": "nod`);
  const flags = ["--sets", "nodata", "--presets", "auto", "--time", "1s", "--splits", "0-1"];
  const { stdout } = await call(
    "bench",
    "first-hour",
    ...flags,
    "--out",
    folder,
    "--resume",
    "--json",
  );
  const { rows } = JSON.parse(stdout).measurements;
  expect(rows).toMatchObject([row, { set: "nodata", split: 1, preset: "auto" }]);
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual(rows);
}, 60_000);
